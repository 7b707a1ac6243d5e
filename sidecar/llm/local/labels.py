"""Labels learned from names, descriptions and examples: kernel ridge regression.

Two heads, each a ridge regression to the labels' indicator vectors (Rasmussen and
Williams, Gaussian Processes for Machine Learning, section 2.2):

meaning  kernel ``exp(4 (cos of the vectors - 1))``, ridge 0.1
words    kernel ``(cos of words + cos of letter groups) / 2``, ridge 0.3

A label's score is ``meaning / sqrt(k) + 0.5 words``, where ``k`` is the kernel value of
the nearest known text: a long mail is far from every short example and would otherwise
score near zero everywhere. Without an embedder it is ``words / sqrt(nearest cosine)``.
Probabilities are the softmax of score / temperature. The temperature has the least
log loss on the examples' own leave-one-out scores, which these regressions have in
closed form (ibid., section 5.4.2), but is never under 0.06: tickets are messier than
examples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.domain.classification import Label
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import (
    Array,
    TfIdf,
    features,
    letter_features,
    word_features,
)

_GAMMA = 4.0
_MEANING_RIDGE = 0.1
_WORDS_RIDGE = 0.3
_WORDS_SHARE = 0.5
_MOST_ROWS = 2000
_TEMPERATURES = (0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3)
_LEAST_EXAMPLES = 3
_TINY = 1e-3


@dataclass(frozen=True, slots=True)
class Query:
    """A text as features: its vector (empty without an embedder), words and letters."""

    vector: Array
    word_counts: Counter[str]
    letter_counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities of the labels (summing to 1), similarity to the nearest row.

    ``nearest`` is that row's text, ``is_example`` says whether it is an example or the
    label's description.
    """

    probabilities: Array
    similarity: float
    nearest: str
    is_example: bool


@dataclass(frozen=True, slots=True)
class _Row:
    label: int
    text: str
    is_example: bool


class LabelModel:
    """Scores the labels of one field for a text."""

    def __init__(self, labels: Sequence[Label], embedder: Embedder) -> None:
        self.labels = tuple(labels)
        self._rows = _rows(self.labels)
        texts = [row.text for row in self._rows]
        self._words = TfIdf([word_features(text) for text in texts])
        self._letters = TfIdf([letter_features(text) for text in texts])
        self._has_vectors = embedder.dimensions > 0
        self._vectors = embedder.embed(texts).astype(np.float64)
        wanted = np.zeros((len(texts), len(self.labels)))
        wanted[np.arange(len(texts)), [row.label for row in self._rows]] = 1.0
        by_words = np.array([self._by_words(*features(text)) for text in texts])
        self._word_weights, left_out = _fit(by_words, _WORDS_RIDGE, wanted)
        if self._has_vectors:
            by_meaning = _kernel(self._vectors @ self._vectors.T)
            self._weights, left_out_meaning = _fit(by_meaning, _MEANING_RIDGE, wanted)
            left_out = left_out_meaning + _WORDS_SHARE * left_out
        self.temperature = self._fitted(left_out)

    def score(self, query: Query) -> Scored:
        """Return the labels' probabilities for a text."""
        similarity = self._by_words(query.word_counts, query.letter_counts)
        raw = similarity @ self._word_weights
        if self._has_vectors:
            similarity = self._vectors @ query.vector
            kernel = _kernel(similarity)
            meaning = kernel @ self._weights / np.sqrt(kernel.max())
            raw = meaning + _WORDS_SHARE * raw
        else:
            raw = raw / np.sqrt(max(_TINY, float(similarity.max())))
        nearest = int(np.argmax(np.round(similarity, 9)))
        row = self._rows[nearest]
        return Scored(
            probabilities=_softmax(raw, self.temperature),
            similarity=float(similarity[nearest]),
            nearest=row.text,
            is_example=row.is_example,
        )

    def _by_words(self, word_counts: Counter[str], letters: Counter[str]) -> Array:
        by_words = self._words.similarities(word_counts)
        return 0.5 * by_words + 0.5 * self._letters.similarities(letters)

    def _fitted(self, left_out: Array) -> float:
        """Return the temperature with the least leave-one-out log loss."""
        chosen = [i for i, row in enumerate(self._rows) if row.is_example]
        if len(chosen) < _LEAST_EXAMPLES * len(self.labels):
            return _TEMPERATURES[0]
        truth = [self._rows[i].label for i in chosen]

        def loss(temperature: float) -> float:
            odds = _softmax(left_out[chosen], temperature)[range(len(chosen)), truth]
            return float(-np.log(np.maximum(odds, 1e-9)).mean())

        return min(_TEMPERATURES, key=loss)


def _fit(kernel: Array, ridge: float, wanted: Array) -> tuple[Array, Array]:
    """Return the regression's weights and its leave-one-out predictions."""
    inverse = np.linalg.inv(kernel + ridge * np.eye(len(kernel))).astype(np.float64)
    weights: Array = inverse @ wanted
    left_out: Array = wanted - weights / np.diag(inverse)[:, None]
    return weights, left_out


def spoken(name: str) -> str:
    """Return a label's name as words: ``refund_status`` → ``refund status``."""
    return " ".join(name.replace("_", " ").replace("-", " ").replace("/", " ").split())


def _rows(labels: Sequence[Label]) -> list[_Row]:
    """Return what is known of every label as texts, evenly cut to ``_MOST_ROWS``."""
    most = max(1, _MOST_ROWS // max(1, len(labels)) - 2)
    rows: list[_Row] = []
    for number, label in enumerate(labels):
        rows.append(_Row(number, spoken(label.name), False))
        if label.description:
            rows.append(_Row(number, label.description, False))
        rows += [_Row(number, text, True) for text in label.examples[:most]]
    return rows


def _kernel(similarity: Array) -> Array:
    kernel: Array = np.exp(_GAMMA * (similarity - 1.0))
    return kernel


def _softmax(scores: Array, temperature: float) -> Array:
    scaled = scores / temperature
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    odds: Array = np.exp(scaled)
    total: Array = odds.sum(axis=-1, keepdims=True)
    return odds / total
