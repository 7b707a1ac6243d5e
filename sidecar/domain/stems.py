"""Words without their common English endings: "prepared" and "prepare" are one."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_SUFFIXES = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "en", "e")
_REMEMBERED = 32_768


@lru_cache(_REMEMBERED)
def stem(word: str) -> str:
    """Cut common English endings; crude, the same for every text."""
    if len(word) <= 3 or not word.isascii():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            base = word[: -len(suffix)]
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lse":
                base = base[:-1]
            return base
    return word


def stems(text: str) -> frozenset[str]:
    """Return the stems of a text's different words, in lower case."""
    return frozenset(map(stem, set(_WORD.findall(text.lower()))))
