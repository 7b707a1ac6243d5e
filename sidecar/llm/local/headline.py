"""One line that says what a ticket is about."""

from __future__ import annotations

import re
from functools import lru_cache

from sidecar.domain.ticket import AuthorRole
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.lexicon import raw
from sidecar.llm.local.thread import Line

LONGEST = 90
_CUE_WEIGHTS = {
    "outage_total": 2.5,
    "security_breach": 2.5,
    "data_loss": 2.0,
    "safety": 2.0,
    "outage": 1.5,
    "blocked": 1.5,
    "money": 1.5,
    "problem": 1.2,
    "question": 1.2,
    "security": 1.0,
    "wish": 1.0,
    "legal": 0.8,
    "churn": 0.8,
    "many_users": 0.5,
}
_ENOUGH_STEMS = 2
_EDGE = " ,;:.!-–—"


def core_lines(lines: list[Line], subject: str, most: int) -> list[Line]:
    """Return the customer's sentences that carry the problem, in their order.

    Cues weigh as in the table, a question mark 1, the first sentence of a turn 0.6,
    words shared with the subject 0.5 each (at most 1.5); very short and very long
    sentences lose.
    """
    about = set(content_stems(subject))

    def weight(line: Line) -> float:
        own = content_stems(line.text)
        score = sum(_CUE_WEIGHTS.get(kind, 0.0) for kind in line.kinds)
        score += 1.0 if line.is_question else 0.0
        score += 0.6 if line.position == 0 else 0.0
        score += min(1.5, 0.5 * len(about & set(own)))
        # A name under a mail is no sentence.
        score -= 3.0 if len(own) < _ENOUGH_STEMS and not line.is_question else 0.0
        return score - (0.5 if len(line.text) > 250 else 0.0)

    ranked = sorted(lines, key=lambda x: (-round(weight(x), 6), x.turn, x.position))
    kept = [line for line in ranked if weight(line) > 0][:most] or ranked[:1]
    return sorted(kept, key=lambda x: (x.turn, x.position))


def headline(subject: str, lines: list[Line], spoken: tuple[str, ...]) -> str:
    """Return the subject if it says enough, else the core sentence, shortened."""
    if len(content_stems(subject)) >= _ENOUGH_STEMS:
        return shortened(subject)
    first = [x for x in lines if x.role is AuthorRole.CUSTOMER] or lines
    turn = [x for x in first if x.turn == first[0].turn] if first else []
    core = core_lines(turn, subject, 1)
    text = cleaned(core[0].text, spoken) if core else ""
    if subject and text:
        both = f"{subject.rstrip(_EDGE)}: {text}"
        return shortened(both if len(both) <= LONGEST else text)
    return shortened(text or subject)


def cleaned(text: str, spoken: tuple[str, ...]) -> str:
    """Cut greetings and "could you please tell me" off the front."""
    before = ""
    while text != before:
        before = text
        text = _lead_ins(spoken).sub("", text, count=1).lstrip(_EDGE)
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=16)
def _lead_ins(spoken: tuple[str, ...]) -> re.Pattern[str]:
    found = {lead for language in spoken for lead in raw(language)["lead_ins"]}
    ordered = sorted(found, key=lambda lead: (-len(lead), lead))
    choice = "|".join(re.escape(lead) for lead in ordered)
    # "Hello Jane," goes with the name; a bare lead-in goes alone.
    return re.compile(
        rf"\A(?:{choice})(?!\w)(?:[ ][A-Z][\w-]{{1,20}}(?=[,!]))?", re.IGNORECASE
    )


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return the text as one line of at most ``longest`` signs, cut at a word."""
    text = " ".join(text.split()).strip(_EDGE)
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    if " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(_EDGE) + "…"
