"""Which language a text of a few words is written in, by the letters of its words.

A naive Bayes over the letter groups of each word (one to five letters, its edges
marked), learned from the words of published translations of Django, Wagtail and Home
Assistant (see NOTICE; ``tests/bench/fit_words.py``). py3langid learned from long texts:
of two words it hears little, and that is where this adds.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PATH = Path(__file__).parent / "weights" / "words.npz"
MOST_WORDS = 4
BUCKETS = 1 << 15
SPAN = 6.0
"""The logarithms are kept as bytes between minus and plus this."""

_WEIGHT = 0.12
"""Letter groups overlap and are no independent witnesses: each counts this much."""
_LONGEST_WORD = 25
_MOST_LETTERS = 5
_WORD = re.compile(r"[^\W\d_]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return _WORD.findall(text.lower())


def groups_of(word: str) -> Iterator[int]:
    """Yield the bucket of each letter group of a word."""
    edged = f"^{word[:_LONGEST_WORD]}$"
    for size in range(1, _MOST_LETTERS + 1):
        for first in range(len(edged) - size + 1):
            group = edged[first : first + size]
            if group not in ("^", "$"):
                yield zlib.crc32(group.encode()) % BUCKETS


def evidence(text: str) -> dict[str, float]:
    """Return by language what to add to the logarithm of its probability.

    Empty for a text without words or with more than a few.
    """
    words = words_of(text)
    if not words or len(words) > MOST_WORDS:
        return {}
    languages, table = _loaded()
    places = [bucket for word in words for bucket in groups_of(word)]
    sums = table[places].sum(0, dtype=np.int64) * (SPAN / 127 * _WEIGHT)
    return dict(zip(languages, map(float, sums), strict=True))


@cache
def _loaded() -> tuple[list[str], NDArray[np.int8]]:
    with np.load(PATH, allow_pickle=False) as stored:
        return [str(code) for code in stored["languages"]], stored["table"]
