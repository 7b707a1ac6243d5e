"""Training: kernel ridge regression with closed-form left-out scores.

Up to ``MOST_EXACT`` texts the regression is solved exactly, and each text's score with
that text left out follows from the inverse (Rasmussen and Williams, section 5.4.2): no
second training is needed to know how good the first is. Texts that are equal are left
out together by folds otherwise. Beyond, the same system is solved by conjugate
gradients, and the left-out scores come from folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from sidecar.llm.local.trained.lexical import Floats, Vocabulary, learn_vocabulary
from sidecar.llm.local.trained.model import WORD_SHARE, Doubles

MOST_EXACT = 12_000
MOST_LANDMARKS = 2_048
_MOST_FEATURES = 60_000
_MOST_WEIGHTS = 6_000_000
_STEPS = 60
_MOST_GROUPED = 20_000
_ROUNDS = 6
_TOLERANCE = 1e-3
_SMALLEST = 1e-6
_CHUNK = 2_048
_ALONE = 1e-3


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
class Fitted:
    """Weights of landmarks and features for each label; see ``TrainedModel``."""

    landmarks: Floats
    by_vector: Floats
    by_words: Floats
    gamma: float


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


def fit(known: Known, wanted: Floats) -> tuple[Fitted, Floats | None]:
    """Return the weights for ``wanted`` (texts, labels), and the left-out scores.

    The latter are None beyond ``MOST_EXACT`` texts.
    """
    space = space_of(known)
    if len(wanted) > MOST_EXACT:
        return solved(known, space, wanted), None
    dual, left_out = _exact(space, known, wanted)
    return _weights(known, space, dual), left_out


def space_of(known: Known) -> Space:
    """Return what does not depend on the ridge: landmarks and features of the texts."""
    landmarks, features, root = _gaussian_features(known.vectors, known.kernel.gamma)
    lexical_share = 1.0 - known.kernel.share if known.vectors.shape[1] else 1.0
    features *= np.float32((1.0 - lexical_share) ** 0.5)
    return Space(landmarks, features, root, lexical_share)


def solved(known: Known, space: Space, wanted: Floats) -> Fitted:
    """Return the weights by conjugate gradients, for any number of texts."""
    return _weights(known, space, _iterated(space, known, wanted))


def _weights(known: Known, space: Space, dual: Floats) -> Fitted:
    lexical_share = space.lexical_share
    by_vector = space.root @ (space.features.T @ dual)
    by_vector *= np.float32((1.0 - lexical_share) ** 0.5)
    by_words = np.float32(lexical_share) * (known.lexical.T @ dual)
    by_words = np.asarray(by_words, np.float32)
    return Fitted(space.landmarks, by_vector, by_words, known.kernel.gamma)


def nearest_others(vectors: Floats, landmarks: Floats) -> Doubles:
    """Return each text's cosine to the nearest landmark without its part in it.

    A landmark is taken for the mean of the texts that are nearest to it: its own texts
    would look nearer than any text that comes later.
    """
    if not len(landmarks):
        return np.zeros(len(vectors))
    starts = range(0, len(vectors), _CHUNK)
    homes = np.concatenate(
        [(vectors[s : s + _CHUNK] @ landmarks.T).argmax(axis=1) for s in starts]
    )
    sums, parts = np.zeros(landmarks.shape), []
    np.add.at(sums, homes, vectors)
    for start in starts:
        chunk, home = vectors[start : start + _CHUNK], homes[start : start + _CHUNK]
        cosines = chunk @ landmarks.T
        rest = sums[home] - chunk
        length = np.linalg.norm(rest, axis=1)
        without = (rest * chunk).sum(axis=1) / np.maximum(length, _ALONE)
        rows = np.arange(len(chunk))
        cosines[rows, home] = np.where(length > _ALONE, without, -1.0)
        parts.append(cosines.max(axis=1))
    return np.concatenate(parts).astype(np.float64)


def predict(fitted: Fitted, vectors: Floats, lexical: Any) -> Floats:
    """Return the scores of many texts, shape (texts, labels)."""
    found = np.asarray(lexical @ fitted.by_words, np.float32)
    if len(fitted.landmarks):
        near = np.exp(fitted.gamma * (vectors @ fitted.landmarks.T - 1.0))
        found = found + near.astype(np.float32) @ fitted.by_vector
    return found


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


def _exact(space: Space, known: Known, wanted: Floats) -> tuple[Floats, Floats]:
    """Solve ``(K + ridge) dual = wanted``; also return the left-out predictions."""
    kernel = np.asarray((known.lexical @ known.lexical.T).toarray(), np.float32)
    kernel *= np.float32(space.lexical_share)
    kernel += space.features @ space.features.T
    kernel[np.diag_indices(len(kernel))] += np.float32(known.kernel.ridge)
    factor, _ = linalg.cho_factor(
        kernel, lower=True, overwrite_a=True, check_finite=False
    )
    dual = linalg.cho_solve((factor, True), wanted, check_finite=False)
    inverse, failed = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ArithmeticError("the regression has no inverse")
    left_out = wanted - dual / np.diag(inverse)[:, None]
    return dual.astype(np.float32), left_out.astype(np.float32)


def _iterated(space: Space, known: Known, wanted: Floats) -> Floats:
    """Solve the same by conjugate gradients, all labels at once."""
    lexical, transposed = known.lexical, known.lexical.T.tocsr()
    features, share = space.features, np.float32(space.lexical_share)
    ridge = np.float32(known.kernel.ridge)

    def times(dual: Floats) -> Floats:
        product: Floats = features @ (features.T @ dual) + ridge * dual
        product += share * (lexical @ (transposed @ dual))
        return product

    dual = np.zeros_like(wanted)
    left = wanted.copy()
    step = left.copy()
    size = (left * left).sum(axis=0)
    goal = size * _TOLERANCE**2
    for _ in range(_STEPS):
        if (size <= goal).all():
            break
        product = times(step)
        length = size / np.maximum((step * product).sum(axis=0), 1e-30)
        dual += length * step
        left -= length * product
        new = (left * left).sum(axis=0)
        step = left + new / np.maximum(size, 1e-30) * step
        size = new
    return dual
