"""Whether a sentence brings words that nobody in the conversation used.

What an engine says without a source may be put into its own words, those of a support
desk. The answer to something that a mail smuggled in needs others: names, facts, the
lines of a poem. Words are compared by their first letters, so that inflection does
not matter; short ones carry nothing and are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
_STEM = 5
_MOST_NEW = 0.25
_PLAIN = Path(__file__).resolve().parent / "data" / "plain_words.txt"


def brings_nothing_new(text: str, said: Sequence[str]) -> bool:
    """Say whether each sentence is made of the desk's words and those of ``said``.

    Up to a quarter of a sentence's words of four letters and more may be others.
    """
    known = _desk() | stems(" ".join(said))
    for sentence in _SENTENCE.split(text):
        words = stems(sentence)
        if len(words - known) > _MOST_NEW * len(words):
            return False
    return True


def stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words that carry something."""
    return frozenset(_stems(_WORD.findall(text.casefold())))


def _stems(words: Iterable[str]) -> Iterable[str]:
    return (word[:_STEM] for word in words)


@cache
def _desk() -> frozenset[str]:
    return stems(_PLAIN.read_text("utf-8"))
