"""Names that the caller knows to be people's, wherever they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def find_names(view: PlainView, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield full names however they are written, then their parts as they are spelled.

    A part alone ("Dear Ms Whitlock") counts only with its capital and when it is no
    ordinary word: Will Young's "will" is not personal data.
    """
    whole = {" ".join(plain_view(name).text.split()) for name in names}
    whole = {name for name in whole if len(name) >= _SHORTEST}
    if not whole:
        return
    # Longest first, so that "Ann Smith" is not taken for "Ann".
    for group, flags in ((whole, re.IGNORECASE), (_parts(whole), re.NOFLAG)):
        if group:
            choices = "|".join(
                r"\s{1,3}".join(re.escape(part) for part in name.split(" "))
                for name in sorted(group, key=lambda n: (-len(n), n))
            )
            pattern = re.compile(rf"(?<!\w)(?:{choices})(?!\w)", flags)
            for match in pattern.finditer(view.text):
                yield match.span()


def _parts(whole: set[str]) -> set[str]:
    return {
        part
        for name in whole
        if " " in name
        for part in re.split(r"[ ,]+", name)
        if len(part) >= _SHORTEST and part[0].isupper() and part.lower() not in _WORDS
    }
