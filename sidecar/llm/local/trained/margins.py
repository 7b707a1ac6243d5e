"""Several labels of one text: a regression that looks at the doubtful texts alone.

Each label's score should be at least 1 for its texts and at most 0 for all others; what
lies beyond costs nothing, so that the many texts that clearly have not the label do not
bend its scores. This is a support vector machine with squared loss, solved by Newton's
method: the texts inside the margin are solved as in ridge regression, until they stay
the same (Chapelle, Training a support vector machine in the primal, 2007).

The score of a text with that text left out is the score itself where it lies beyond the
margin, else it follows from the inverse as in ridge regression.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from sidecar.llm.local.trained.lexical import Floats
from sidecar.llm.local.trained.model import Doubles

MOST_TEXTS = 3_000
_ROUNDS = 20


def solve_margins(
    kernel: Doubles, ridge: float, wanted: Floats
) -> tuple[Floats, Floats]:
    """Return dual weights and left-out scores, both of the shape of ``wanted``.

    ``kernel`` has shape (texts, texts), ``wanted`` (texts, labels) is one or zero.
    """
    dual = np.zeros(wanted.shape, np.float32)
    left_out = np.zeros(wanted.shape, np.float32)
    # With every text inside the first round is the same for all labels.
    first = _inverse(kernel, ridge)
    for label in range(wanted.shape[1]):
        holds = wanted[:, label] > 0
        inside, inverse = np.arange(len(kernel)), first
        for _ in range(_ROUNDS):
            weights = inverse @ holds[inside].astype(np.float64)
            scores = kernel[:, inside] @ weights
            now = np.flatnonzero(np.where(holds, scores < 1, scores > 0))
            if np.array_equal(now, inside) or not len(now):
                break
            inside, inverse = now, _inverse(kernel[np.ix_(now, now)], ridge)
        weights = inverse @ holds[inside].astype(np.float64)
        scores = kernel[:, inside] @ weights
        scores[inside] = holds[inside] - weights / np.diag(inverse)
        dual[inside, label] = weights
        left_out[:, label] = scores
    return dual, left_out


def _inverse(kernel: Doubles, ridge: float) -> Doubles:
    shifted = kernel + ridge * np.eye(len(kernel))
    found: Doubles = linalg.inv(shifted, overwrite_a=True, check_finite=False)
    return found
