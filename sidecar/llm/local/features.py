"""Lexical features: TF-IDF of words and of letter groups, compared by cosine.

Only NumPy. Features are kept as an inverted list (feature → rows, weights), so a text
costs time only for the features it shares with the examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.stems import stem
from sidecar.llm.local.words import words

Array = NDArray[np.float64]

# Carried by every request and by none in particular.
_STOP = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "and",
        "or",
        "is",
        "are",
        "am",
        "be",
        "was",
        "were",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "with",
        "from",
        "by",
        "as",
        "i",
        "me",
        "you",
        "we",
        "us",
        "they",
        "he",
        "she",
        "them",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "will",
        "would",
        "could",
        "should",
        "can",
        "may",
        "might",
        "so",
        "just",
        "please",
        "hi",
        "hello",
        "thanks",
        "thank",
        "there",
        "if",
        "but",
        "about",
        "into",
        "your",
        "our",
        "some",
        "any",
        "m",
        "s",
        "re",
        "ve",
        "ll",
        "d",
        "der",
        "die",
        "das",
        "und",
        "ist",
        "le",
        "la",
        "les",
        "de",
        "des",
        "et",
        "el",
        "los",
        "las",
        "y",
        "o",
        "os",
        "e",
        "il",
    ]
)


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that carry meaning."""
    return [stem(w) for w in words(text) if w not in _STOP]


def features(text: str) -> tuple[Counter[str], Counter[str]]:
    """Return the text's words and its groups of letters, counted."""
    found = words(text)
    return _of_words(found), _of_letters(found)


def word_features(text: str) -> Counter[str]:
    """Count stems and pairs of neighbouring stems."""
    return _of_words(words(text))


def letter_features(text: str) -> Counter[str]:
    """Count groups of 3 to 5 letters within words, the word's ends marked."""
    return _of_letters(words(text))


def _of_words(found: Sequence[str]) -> Counter[str]:
    all_words = [stem(w) for w in found]
    counts: Counter[str] = Counter(w for w in all_words if w not in _STOP)
    pairs = pairwise(all_words)
    counts.update(f"{a} {b}" for a, b in pairs)
    return counts


def _of_letters(found: Sequence[str]) -> Counter[str]:
    groups: list[str] = []
    for word in found[:300]:
        marked = f" {word} "
        for size in (3, 4, 5):
            last = max(1, len(marked) - size + 1)
            groups += [marked[i : i + size] for i in range(last)]
    return Counter(groups)


class TfIdf:
    """Cosine similarity of texts to a fixed list of texts."""

    def __init__(self, counted: Sequence[Counter[str]]) -> None:
        self._rows = len(counted)
        seen: Counter[str] = Counter()
        for counts in counted:
            seen.update(counts.keys())
        # Smoothed inverse document frequency, as in Manning et al., IR, section 6.2.
        self._idf = {f: 1.0 + log((1 + self._rows) / (1 + n)) for f, n in seen.items()}
        self._unseen = 1.0 + log(1 + self._rows)
        rows: dict[str, list[int]] = {}
        weights: dict[str, list[float]] = {}
        for number, counts in enumerate(counted):
            weighted, norm = self._weighted(counts)
            for feature, weight in weighted.items():
                rows.setdefault(feature, []).append(number)
                weights.setdefault(feature, []).append(weight / norm)
        # One list after the other; a feature knows where its own begins and ends.
        self._places = {feature: place for place, feature in enumerate(rows)}
        ends = np.cumsum([0, *map(len, rows.values())])
        self._starts, self._lengths = ends[:-1], np.diff(ends)
        self._row_of = np.fromiter(chain.from_iterable(rows.values()), np.int64)
        self._weight_of = np.fromiter(chain.from_iterable(weights.values()), np.float64)

    def similarities(self, counts: Counter[str]) -> Array:
        """Return the cosine to every row, shape (rows,)."""
        places = self._places
        weighted, norm = self._weighted(counts)
        shared = [(places[f], w / norm) for f, w in weighted.items() if f in places]
        if not shared:
            return np.zeros(self._rows)
        known, factors = (np.array(column) for column in zip(*shared, strict=True))
        lengths = self._lengths[known]
        passed = np.cumsum(lengths) - lengths
        where = np.repeat(self._starts[known] - passed, lengths)
        where += np.arange(len(where))
        products = np.repeat(factors, lengths) * self._weight_of[where]
        # Adds in the order of the features, like a loop over them, to the last bit.
        total = np.bincount(self._row_of[where], products, self._rows)
        return total.astype(np.float64, copy=False)

    def _weighted(self, counts: Counter[str]) -> tuple[dict[str, float], float]:
        """Return the features' weights and the length to divide them by."""
        rarity, unseen = self._idf, self._unseen
        weighted = {
            f: rarity.get(f, unseen) * (1.0 + log(n) if n > 1 else 1.0)
            for f, n in counts.items()
        }
        return weighted, sum(w * w for w in weighted.values()) ** 0.5 or 1.0
