"""The kernel of two texts, and the texts as features whose products it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from sidecar.llm.local.trained.lexical import Floats, Vocabulary, learn_vocabulary
from sidecar.llm.local.trained.model import WORD_SHARE

MOST_LANDMARKS = 2_048
_MOST_FEATURES = 60_000
_MOST_WEIGHTS = 6_000_000
_MOST_GROUPED = 20_000
_ROUNDS = 6
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Kernel:
    """``share exp(gamma (cosine of vectors - 1)) + (1 - share) (product of features)``.

    Few texts have few words in common: there the vectors count more. ``ridge`` is
    added to the kernel of a text with itself.
    """

    gamma: float
    share: float
    ridge: float = 0.2


FEW_TEXTS = Kernel(2.0, 0.85)
MANY_TEXTS = Kernel(4.0, 0.5)
SEVERAL_LABELS = Kernel(0.5, 0.8, 0.05)
MANY_A_LABEL = 50


@dataclass(frozen=True, slots=True)
class Known:
    """Training texts as features: vectors (texts, dimensions), sparse counts."""

    vectors: Floats
    lexical: Any
    vocabulary: Vocabulary
    kernel: Kernel


@dataclass(frozen=True, slots=True)
class Space:
    """Features of the texts whose products are the Gaussian part of the kernel.

    ``root`` leads from the kernel with the landmarks to features.
    """

    landmarks: Floats
    features: Floats
    root: Floats
    lexical_share: float


def known_texts(texts: Sequence[str], vectors: Floats, labels: int) -> Known:
    """Learn the vocabulary and turn the texts into features.

    The vocabulary is bounded so that weights stay below ``_MOST_WEIGHTS`` numbers.
    """
    most = min(_MOST_FEATURES, _MOST_WEIGHTS // max(1, labels) // 2)
    vocabulary = learn_vocabulary(texts, most, 2 if len(texts) > 500 else 1)
    kernel = FEW_TEXTS if len(texts) < MANY_A_LABEL * labels else MANY_TEXTS
    return Known(vectors, lexical_rows(vocabulary, texts), vocabulary, kernel)


def rows_of(known: Known, rows: NDArray[np.intp]) -> Known:
    """Return some of the texts."""
    vectors, lexical = known.vectors[rows], known.lexical[rows]
    return Known(vectors, lexical, known.vocabulary, known.kernel)


def lexical_rows(vocabulary: Vocabulary, texts: Sequence[str]) -> Any:
    """Return the texts' features as a sparse matrix (texts, features)."""
    found = [vocabulary.features(text, WORD_SHARE) for text in texts]
    ends = np.cumsum([0, *(len(at) for at, _ in found)])
    columns = np.concatenate([at for at, _ in found])
    weights = np.concatenate([weight for _, weight in found])
    shape = (len(texts), vocabulary.size)
    return sparse.csr_matrix((weights, columns, ends), shape=shape)


def space_of(known: Known) -> Space:
    """Return the Gaussian part, which does not depend on the ridge."""
    landmarks, features, root = _gaussian_features(known.vectors, known.kernel.gamma)
    lexical_share = 1.0 - known.kernel.share if known.vectors.shape[1] else 1.0
    features *= np.float32((1.0 - lexical_share) ** 0.5)
    return Space(landmarks, features, root, lexical_share)


def _gaussian_features(vectors: Floats, gamma: float) -> tuple[Floats, Floats, Floats]:
    """Return landmarks, features whose products are the kernel, and their root.

    ``features = exp(g (v C' - 1)) @ root`` with ``root root' = inverse of C's kernel``
    (Williams and Seeger, Using the Nyström method to speed up kernel machines, 2001).
    """
    if not vectors.shape[1]:
        nothing = np.zeros((0, 0), np.float32)
        return nothing, np.zeros((len(vectors), 0), np.float32), nothing
    landmarks = _centres(vectors)
    kernel = np.exp(gamma * (landmarks @ landmarks.T - 1.0)).astype(np.float64)
    values, directions = linalg.eigh(kernel, check_finite=False)
    kept = values > _SMALLEST * values[-1]
    root = (directions[:, kept] / np.sqrt(values[kept])).astype(np.float32)
    near = np.exp(gamma * (vectors @ landmarks.T - 1.0)).astype(np.float32)
    return landmarks, near @ root, root


def _centres(vectors: Floats) -> Floats:
    """Return the distinct vectors, or as many centres of groups (k-means, Lloyd)."""
    distinct = np.unique(vectors, axis=0)
    if len(distinct) <= MOST_LANDMARKS:
        return np.ascontiguousarray(distinct)
    mixed = np.random.default_rng(0).permutation(len(distinct))[:_MOST_GROUPED]
    points = distinct[mixed]
    centres = points[:MOST_LANDMARKS]
    for _ in range(_ROUNDS):
        nearest = (points @ centres.T).argmax(axis=1)
        rows = np.arange(len(points))
        ones = np.ones(len(points), np.float32)
        member = sparse.csr_matrix((ones, (nearest, rows)), (len(centres), len(points)))
        sums = np.asarray(member @ points)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(length > 0, sums / np.maximum(length, 1e-9), centres)
    return np.ascontiguousarray(centres.astype(np.float32))
