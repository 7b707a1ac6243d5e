"""Labels learned from names, descriptions and examples: kernel ridge regression.

The similarity of two texts is ``0.8 cos(vectors) + 0.1 cos(words) + 0.1 cos(letters)``
(without an embedder ``0.5`` and ``0.5`` of the last two). On it stands the kernel
``exp(4 (similarity - 1))`` and a ridge regression to the labels' indicator vectors
(Rasmussen and Williams, Gaussian Processes for Machine Learning, section 2.2). The
temperature of the softmax is fitted on the examples' own leave-one-out predictions,
which this regression has in closed form (ibid., section 5.4.2).
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
    letter_features,
    word_features,
)

_GAMMA = 4.0
_RIDGE = 0.1
_MOST_ROWS = 2000
_TEMPERATURES = (0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2)
_TEMPERATURE_UNFITTED = 0.08
_LEAST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Query:
    """A text as features: its vector (empty without an embedder), words and letters."""

    vector: Array
    word_counts: Counter[str]
    letter_counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities of the labels (they sum to 1) and the similarity to the nearest row.

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
        similarity = np.array([self._similarity(q) for q in self._own_queries(texts)])
        wanted = np.zeros((len(texts), len(self.labels)))
        wanted[np.arange(len(texts)), [row.label for row in self._rows]] = 1.0
        kernel = _kernel(similarity) + _RIDGE * np.eye(len(texts))
        inverse = np.linalg.inv(kernel).astype(np.float64)
        self._weights: Array = inverse @ wanted
        self.temperature = self._fitted(wanted, inverse)

    def score(self, query: Query) -> Scored:
        """Return the labels' probabilities for a text."""
        similarity = self._similarity(query)
        raw = _kernel(similarity) @ self._weights
        nearest = int(np.argmax(np.round(similarity, 9)))
        row = self._rows[nearest]
        return Scored(
            probabilities=_softmax(raw, self.temperature),
            similarity=float(similarity[nearest]),
            nearest=row.text,
            is_example=row.is_example,
        )

    def _own_queries(self, texts: Sequence[str]) -> list[Query]:
        return [
            Query(self._vectors[i], word_features(text), letter_features(text))
            for i, text in enumerate(texts)
        ]

    def _similarity(self, query: Query) -> Array:
        by_words = self._words.similarities(query.word_counts)
        by_letters = self._letters.similarities(query.letter_counts)
        if not self._has_vectors:
            return 0.5 * by_words + 0.5 * by_letters
        by_meaning: Array = self._vectors @ query.vector
        return 0.8 * by_meaning + 0.1 * by_words + 0.1 * by_letters

    def _fitted(self, wanted: Array, inverse: Array) -> float:
        """Return the temperature with the least leave-one-out log loss."""
        chosen = [i for i, row in enumerate(self._rows) if row.is_example]
        if len(chosen) < _LEAST_EXAMPLES * len(self.labels):
            return _TEMPERATURE_UNFITTED
        left_out = wanted - self._weights / np.diag(inverse)[:, None]
        truth = [self._rows[i].label for i in chosen]

        def loss(temperature: float) -> float:
            odds = _softmax(left_out[chosen], temperature)[range(len(chosen)), truth]
            return float(-np.log(np.maximum(odds, 1e-9)).mean())

        return min(_TEMPERATURES, key=loss)


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
