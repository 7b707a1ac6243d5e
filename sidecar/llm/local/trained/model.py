"""A trained classifier as arrays: scores of the labels for a text, and how sure.

Score of label ``l`` for a text with vector ``v`` and lexical features ``x``:

    f_l = exp(g (v C' - 1)) A_l + x B_l

with landmarks ``C`` (vectors of training texts). It is kernel ridge regression on the
sum of a Gaussian kernel of the vectors and the linear kernel of the features (Rasmussen
and Williams, section 2.2), the Gaussian one through landmarks (Nyström), so that
its cost does not grow with the number of training texts. See ``fit``.

A score is near 1 for what the training texts were sure about and near 0 far from all
of them. Signs of that (``signs``) are weighed so that they set right answers apart from
wrong ones and from texts of labels that a trial did not know; confidence is a logistic
function of the weighed signs, fitted on left-out scores. So it is honest among known
matters, and what was never seen gets little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.classification import Thresholds
from sidecar.llm.local.trained.lexical import Floats, Vocabulary

Doubles = NDArray[np.float64]

WORD_SHARE = 0.4
_TOP = 3


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted on left-out scores: confidence, spread of the rest, several labels.

    ``weights`` are of the logistic function of ``signs``;``temperature`` of the
    softmax that shares what the first leaves to the others; ``label_slope`` and
    ``label_offset`` of each label's own probability where texts have several, and
    ``label_cuts``, one a label, say from which probability on it is answered. Models
    trained before those know only ``label_cut``, one for all.
    """

    weights: Doubles
    temperature: float
    label_slope: float = 0.0
    label_offset: float = 0.0
    label_cut: float = 1.0
    label_cuts: tuple[float, ...] = ()

    def labels_that_hold(self, scores: Doubles) -> tuple[Doubles, NDArray[np.bool_]]:
        """Return each label's own probability and whether it is likely enough.

        All have the shape of ``scores``: (labels,) or (texts, labels).
        """
        odds = 1 / (1 + np.exp(-(self.label_slope * scores + self.label_offset)))
        cuts = np.array(self.label_cuts) if self.label_cuts else self.label_cut
        return odds, odds >= cuts


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """All arrays of one version; ``embedder`` names the model of its vectors."""

    labels: tuple[str, ...]
    embedder: str
    vocabulary: Vocabulary
    landmarks: Floats
    by_vector: Floats
    by_words: Floats
    calibration: Calibration
    thresholds: Thresholds
    gamma: float = 4.0
    several: bool = False

    def scores(self, vector: Floats, text: str) -> tuple[Doubles, float]:
        """Return the labels' scores for a text and its vector, and how near it is.

        The scores have shape (labels,); the other is the cosine to the nearest
        landmark, 0 without vectors.
        """
        at, weight = self.vocabulary.features(text, WORD_SHARE)
        found = weight @ self.by_words[at]
        if not len(self.landmarks):
            return found.astype(np.float64), 0.0
        cosines = self.landmarks @ vector
        near = np.exp(self.gamma * (cosines - 1.0), dtype=np.float32)
        return (found + near @ self.by_vector).astype(np.float64), float(cosines.max())

    def probabilities(self, scores: Doubles, nearest: float) -> Doubles:
        """Return each label's probability: the first's is calibrated confidence.

        They sum to at most one; the missing part is "none of these" or "another".
        """
        near = np.array([nearest])
        spread: Doubles = shared(scores[None, :], near, self.calibration)[0]
        return spread

    def all_that_hold(self, scores: Doubles) -> list[tuple[int, float]]:
        """Return every label that is likely enough by itself, best first."""
        odds, held = self.calibration.labels_that_hold(scores)
        order = np.argsort(-odds, kind="stable")
        return [(int(i), float(odds[i])) for i in order if held[i]]


def signs(scores: Doubles, nearest: Doubles) -> Doubles:
    """Return what confidence is judged by, shape (texts, 5).

    A one, the best score, its lead over the second, the log of the share that the
    best has in a softmax, and the cosine to the nearest landmark.
    """
    first_two = -np.sort(-scores, axis=1)[:, :2]
    best = first_two[:, 0]
    lead = best - first_two[:, 1] if scores.shape[1] > 1 else best
    sharp = (scores - best[:, None]) / 0.1
    share = -np.log(np.exp(np.maximum(sharp, -50)).sum(axis=1))
    return np.stack([np.ones_like(best), best, lead, share, nearest], axis=1)


def confidence(scores: Doubles, nearest: Doubles, weights: Doubles) -> Doubles:
    """Return the calibrated probability that the best label is right, (texts,)."""
    odds = np.clip(signs(scores, nearest) @ weights, -30, 30)
    result: Doubles = 1 / (1 + np.exp(-odds))
    return result


def shared(scores: Doubles, nearest: Doubles, calibration: Calibration) -> Doubles:
    """Return probabilities, shape of ``scores``: the best one's is its confidence."""
    best = scores.argmax(axis=1)
    sure = confidence(scores, nearest, calibration.weights)
    scaled = (scores - scores.max(axis=1, keepdims=True)) / calibration.temperature
    rest = np.exp(np.maximum(scaled, -50))
    rows = np.arange(len(scores))
    rest[rows, best] = 0.0
    total = np.maximum(rest.sum(axis=1), 1e-12)
    # Another label never looks likelier than the one that is answered.
    spread: Doubles = np.minimum(
        rest / total[:, None] * (1 - sure)[:, None], sure[:, None]
    )
    spread[rows, best] = sure
    return spread
