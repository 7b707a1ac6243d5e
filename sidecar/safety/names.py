"""Names that the caller knows to be people's, wherever they stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sidecar.safety.gazetteer import ordinary_words
from sidecar.safety.plain_view import PlainView, plain_view

# Parts of names that are words too: alone they are left, within a full name not.
_ORDINARY = """
will may mark rich bill grace hope rose dean grant frank mason page price young long
short brown green white black king best case chase drew faith art august april june
summer autumn stone wood hill field bank post north west support team herr frau monsieur
madame señor señora doctor klein gross lang kurz wolf vogel koch fischer weber blanc
petit grand roi sol luz cruz costa rocha
"""
_WORDS = frozenset(_ORDINARY.split())
_SHORTEST = 3
# Of this length on a part of a name is looked for without its capital as well.
_TELLING = 5
# Han, kana and hangul: names of two signs, and no blank between words.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_ALL_CJK = re.compile(f"[{_CJK} ]+")
_SHORTEST_CJK = 2
# The edge of a word; beside these signs every place is one.
_BEGINS = rf"(?<![^\W{_CJK}])"
_ENDS = rf"(?![^\W{_CJK}])"


def find_names(view: PlainView, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield full names however they are written, then their parts as they are spelled.

    A part alone ("Dear Ms Whitlock") counts with its capital, a long one that is a name
    and nothing else without it as well: Will Young's "will" is not personal data.
    """
    whole = {
        unicodedata.normalize("NFC", " ".join(plain_view(name).text.split()))
        for name in names
    }
    whole = {name for name in whole if len(name) >= _least(name)}
    if not whole:
        return
    parts = _parts(whole)
    telling = {part for part in parts if _tells(part)}
    for group, flags in (
        (whole, re.IGNORECASE),
        (telling, re.IGNORECASE),
        (parts - telling, re.NOFLAG),
    ):
        if group:
            for match in _pattern(group, flags).finditer(view.text):
                yield match.span()


def _pattern(group: set[str], flags: re.RegexFlag) -> re.Pattern[str]:
    """Return what finds these names, letters with marks in one sign or in two."""
    spelled = {unicodedata.normalize(form, n) for n in group for form in ("NFC", "NFD")}
    # Longest first, so that "Ann Smith" is not taken for "Ann".
    choices = "|".join(map(_choice, sorted(spelled, key=lambda n: (-len(n), n))))
    return re.compile(f"(?:{choices})", flags)


def _choice(name: str) -> str:
    words = [re.escape(part) for part in name.split(" ")]
    if _ALL_CJK.fullmatch(name):
        return r"\s{0,3}".join(words)
    return _BEGINS + r"\s{1,3}".join(words) + _ENDS


def _least(name: str) -> int:
    return _SHORTEST_CJK if _ALL_CJK.fullmatch(name) else _SHORTEST


def _tells(part: str) -> bool:
    """Say whether a part is nobody else's word, so that its capital does not matter."""
    return len(part) >= _TELLING and part.lower() not in ordinary_words()


def _parts(whole: set[str]) -> set[str]:
    return {
        part
        for name in whole
        if " " in name
        for part in re.split(r"[ ,]+", name)
        if len(part) >= _SHORTEST and part[0].isupper() and part.lower() not in _WORDS
    }
