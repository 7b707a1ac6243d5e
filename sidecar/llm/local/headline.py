"""One line that says what a ticket is about."""

from __future__ import annotations

import re
from functools import lru_cache

from sidecar.llm.local.features import content_stems
from sidecar.llm.local.lexicon import phrase_book, raw
from sidecar.llm.local.question import REQUEST_CUES
from sidecar.llm.local.words import tokens

LONGEST = 90
_ENOUGH_STEMS = 2
_TELLING = 3
_ANGER = frozenset({"angry", "heated"})
_PLAIN_WORD = re.compile(r"\b[^\W\d_]{2,}\b(?!-\d)")
_EDGE = " ,;:.!-–—"


def headline(subject: str, core: str, spoken: tuple[str, ...]) -> str:
    """Return the subject if it says enough, else the core sentence, shortened.

    Shouting is written in small letters; a subject of nothing but anger says less than
    the complaint does, and a short one goes before it.
    """
    loud = _in_capitals(subject)
    subject, core = _calm(subject), _calm(core)
    if subject and set(content_stems(core)) <= set(content_stems(subject)):
        core = ""  # It says nothing that the subject does not say.
    stems = len(content_stems(subject))
    angry = core and not loud and _only_angry(subject, spoken)
    if stems >= (_TELLING if loud and core else _ENOUGH_STEMS) and not angry:
        return shortened(subject)
    both = f"{subject.rstrip(_EDGE)}: {core}"
    if subject and core and not angry and len(both) <= LONGEST:
        return shortened(both)
    return shortened(core or subject)


def _in_capitals(text: str) -> bool:
    """Say whether at least half of the words are shouted, two long ones among them."""
    plain = _PLAIN_WORD.findall(text)
    shouted = [word for word in plain if word.isupper()]
    long = sum(len(word) > 3 for word in shouted)
    return long > 1 and 2 * len(shouted) >= len(plain)


def _calm(text: str) -> str:
    """Write shouted words small; codes keep their capitals."""
    if not _in_capitals(text):
        return text
    small = _PLAIN_WORD.sub(lambda m: m[0].lower() if m[0].isupper() else m[0], text)
    return small[:1].upper() + small[1:]


def _only_angry(subject: str, spoken: tuple[str, ...]) -> bool:
    kinds = {hit.kind for hit in phrase_book(spoken).find(tokens(subject))}
    return bool(kinds & _ANGER) and not kinds & REQUEST_CUES


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
