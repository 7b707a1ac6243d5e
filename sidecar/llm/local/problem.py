"""What a customer complains of: the sentences that carry it, and one line for it."""

from __future__ import annotations

import re

from sidecar.domain.ticket import AuthorRole
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.headline import cleaned, shortened
from sidecar.llm.local.thread import Line

LONGEST = 240
_ENOUGH_OPENING = 300
_ENOUGH_STEMS = 2
_TELLING = 4
_SHORT = 2
_CUE_WEIGHTS = {
    "outage_total": 2.5,
    "security_breach": 2.5,
    "data_loss": 2.0,
    "safety": 2.0,
    "outage": 1.5,
    "blocked": 1.5,
    "money": 1.5,
    "problem": 1.2,
    "security": 1.0,
    "wish": 1.0,
    "question": 0.8,
    "legal": 0.5,
    "churn": 0.5,
    "many_users": 0.5,
}
_ACCOUNT_NUMBER = re.compile(r"(?:\d[ -]?){13,}")
_INTRODUCTION = re.compile(
    r"\b(?:my name is|mein name ist|ich heiße|je m['’]appelle|mon nom est|me llamo"
    r"|mi nombre es|meu nome é|chamo-me|mi chiamo|il mio nome è)\b",
    re.IGNORECASE,
)
_MOST_CUES = 2.5
_BY_PLACE = (1.2, 0.8, 0.4)
_SHARED_WORD, _MOST_SHARED = 0.5, 1.5


def problem_of(
    lines: list[Line], subject: str, spoken: tuple[str, ...], most: int
) -> str:
    """Return the complaint in the customer's own sentences, else the subject.

    Of two sentences together at most 240 characters are shown.
    """
    opening = [
        x for x in _opening(lines, most) if content_stems(cleaned(x.text, spoken))
    ]
    core = core_lines(opening, subject, most)
    texts = [shortened_at(cleaned(x.text, spoken), LONGEST) for x in core]
    room = LONGEST * max(1, most // 2)
    while len(texts) > 1 and sum(map(len, texts)) + len(texts) - 1 > room:
        texts.pop()
    return " ".join(texts) or subject


def core_lines(lines: list[Line], subject: str, most: int) -> list[Line]:
    """Return the sentences that carry the problem, in their order.

    Cues weigh as in the table, together at most 2.5; a question mark 0.4; the first
    three sentences that say something 1.2, 0.8 and 0.4; words shared with the subject
    0.5 each, at most 1.5. Items of lists, lead-ins to them, asides, card numbers, names
    of the writer, very short and very long sentences lose.
    """
    about = set(content_stems(subject))
    place = {(x.turn, x.position): n for n, x in enumerate(_telling(lines))}

    def weight(line: Line) -> float:
        own = content_stems(line.text)
        cues = sum(_CUE_WEIGHTS.get(kind, 0.0) for kind in line.kinds)
        score = min(_MOST_CUES, cues) + (0.4 if line.is_question else 0.0)
        number = place.get((line.turn, line.position), len(_BY_PLACE))
        score += _BY_PLACE[number] if number < len(_BY_PLACE) else 0.0
        score += min(_MOST_SHARED, _SHARED_WORD * len(about & set(own)))
        # A name under a mail is no sentence.
        score -= 3.0 if len(own) < _ENOUGH_STEMS and not line.is_question else 0.0
        aside = line.is_item and not line.is_question
        aside = aside or line.text.endswith(":") or line.text[0] == "("
        score -= 1.0 if aside else 0.0
        score -= 1.0 if _INTRODUCTION.search(line.text) else 0.0
        # Numbers of cards and accounts are not for showing round.
        score -= 3.0 if _ACCOUNT_NUMBER.search(line.text) else 0.0
        return score - (0.5 if len(line.text) > LONGEST else 0.0)

    ranked = sorted(lines, key=lambda x: (-round(weight(x), 6), x.turn, x.position))
    kept = [line for line in ranked if weight(line) > 0][:most] or ranked[:1]
    return sorted(kept, key=lambda x: (x.turn, x.position))


def shortened_at(text: str, longest: int) -> str:
    """Return a sentence as it is, or cut at a word when it is longer."""
    return text if len(text) <= longest else shortened(text, longest)


def _telling(lines: list[Line]) -> list[Line]:
    """Return the lines that say something: no greetings, no names."""
    return [x for x in lines if len(content_stems(x.text)) >= _TELLING]


def _opening(lines: list[Line], most: int) -> list[Line]:
    """Return the customer's first turns, 300 characters at least where turns are short.

    A short problem ends at the first answer: what follows answers that.
    """
    found: list[Line] = []
    size = 0
    for line in lines:
        if line.internal or line.role is AuthorRole.SYSTEM:
            continue
        if line.role is not AuthorRole.CUSTOMER:
            # A greeting alone is no opening: in a chat the matter comes after it.
            if most <= _SHORT and _telling(found):
                break
            continue
        if found and line.turn != found[-1].turn and size >= _ENOUGH_OPENING:
            break
        found.append(line)
        size += len(line.text)
    return found
