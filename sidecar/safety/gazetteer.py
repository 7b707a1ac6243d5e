"""Lists of given names, family names and places, loaded once when first needed.

Names that are ordinary words as well ("Will", "Grace") are not in the lists: they
count only beside another name or where something says that a name comes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "data"


@cache
def given_names() -> frozenset[str]:
    """Return given names of about forty languages, in lower case."""
    return frozenset((_FOLDER / "given_names.txt").read_text("utf-8").split())


@cache
def family_names() -> frozenset[str]:
    """Return family names of about forty languages, in lower case."""
    return frozenset((_FOLDER / "family_names.txt").read_text("utf-8").split())


@cache
def ordinary_words() -> frozenset[str]:
    """Return words that people write in small letters though somebody is called so."""
    files = ("name_words.txt", "plain_words.txt")
    return frozenset(w for f in files for w in (_FOLDER / f).read_text("utf-8").split())


@cache
def places() -> frozenset[str]:
    """Return countries in seven languages and towns of 50,000 people, case folded."""
    return frozenset((_FOLDER / "places.txt").read_text("utf-8").splitlines())
