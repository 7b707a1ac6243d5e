"""Which language an answer is in, and whether that is the one asked for."""

from __future__ import annotations

from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.local.language import CANDIDATES, UNKNOWN

_ENOUGH_LETTERS = 40
"""Of fewer letters the language is a guess."""
# Close enough that a detector takes one for the other.
_KIN = (frozenset({"nb", "no", "nn", "da"}), frozenset({"id", "ms"}))


def written_in(tag: str) -> str:
    """Return how a prompt names a language."""
    if tag in ("", UNKNOWN):
        return "the language of the customer's newest message"
    return f"the language with the BCP 47 tag {tag}"


def enough_to_tell(text: str) -> bool:
    """Say whether a text is long enough to recognise its language."""
    return sum(map(str.isalpha, text)) >= _ENOUGH_LETTERS


def speaks(local: LocalEngine, text: str, tag: str) -> bool:
    """Say whether a text is in this language, as far as that can be told."""
    wanted = base(tag)
    known = {*CANDIDATES, "nb", "nn", "da", "ms"}
    if wanted not in known or not enough_to_tell(text):
        return True
    found = base(local.language_of(text))
    if found in (UNKNOWN, wanted):
        return True
    return any(wanted in kin and found in kin for kin in _KIN)


def base(tag: str) -> str:
    """Return the primary subtag."""
    return tag.split("-", maxsplit=1)[0].lower()
