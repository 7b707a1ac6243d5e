"""Training: kernel ridge regression with closed-form left-out scores.

Up to ``MOST_EXACT`` texts the regression is solved exactly, and each text's score with
that text left out follows from the inverse (Rasmussen and Williams, section 5.4.2): no
second training is needed to know how good the first is. Texts that are equal are left
out together by folds otherwise. Beyond, the same system is solved step by step
(``solve``), and the left-out scores come from folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sidecar.llm.local.trained import solve
from sidecar.llm.local.trained.kernel import Known, Space, space_of
from sidecar.llm.local.trained.lexical import Floats
from sidecar.llm.local.trained.model import Doubles

MOST_EXACT = 12_000
_CHUNK = 2_048
_ALONE = 1e-3


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of landmarks and features for each label; see ``TrainedModel``."""

    landmarks: Floats
    by_vector: Floats
    by_words: Floats
    gamma: float


def fit(known: Known, wanted: Floats) -> tuple[Fitted, Floats | None]:
    """Return the weights for ``wanted`` (texts, labels), and the left-out scores.

    The latter are None beyond ``MOST_EXACT`` texts.
    """
    space = space_of(known)
    if len(wanted) > MOST_EXACT:
        dual = solve.Steps(known, space).dual(wanted, known.kernel.ridge)
        return weights(known, space, dual), None
    dual, left_out = solve.exact(known, space, wanted)
    return weights(known, space, dual), left_out


def weights(known: Known, space: Space, dual: Floats) -> Fitted:
    """Return what a text's score needs instead of all the training texts."""
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
