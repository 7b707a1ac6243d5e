"""What tells unknown matters apart: a trial that leaves out a part of the labels.

A few thousand texts are enough: with half of the labels kept secret, the other half is
trained, and the texts of the secret ones show what the signs look like for something
that was never seen.
"""

from __future__ import annotations

import numpy as np

from sidecar.llm.local.trained import fit
from sidecar.llm.local.trained.calibrate import logistic
from sidecar.llm.local.trained.lexical import Floats
from sidecar.llm.local.trained.model import Doubles, signs

_MOST_TEXTS = 3_000
_LEAST_LABELS = 6
_LEAST_TEXTS = 60
_TRIALS = 2


def unknown_direction(known: fit.Known, wanted: Floats, texts: int) -> Doubles | None:
    """Return weights of the signs that set known and right apart from the rest.

    ``texts`` is the number of rows that are texts; names of labels come behind.
    None for trainings too small to leave labels out.
    """
    if wanted.shape[1] < _LEAST_LABELS or texts < _LEAST_TEXTS:
        return None
    random = np.random.default_rng(0)
    chosen = np.sort(random.permutation(texts)[:_MOST_TEXTS])
    found: list[Doubles] = []
    right: list[Doubles] = []
    for _ in range(_TRIALS):
        secret = random.permutation(wanted.shape[1])[: wanted.shape[1] // 2]
        is_secret = wanted[chosen][:, secret].any(axis=1)
        inside, outside = chosen[~is_secret], chosen[is_secret]
        if not len(inside) or not len(outside):
            continue
        open_labels = np.setdiff1d(np.arange(wanted.shape[1]), secret)
        truth = np.ascontiguousarray(wanted[inside][:, open_labels])
        part = fit.rows_of(known, inside)
        fitted, left_out = fit.fit(part, truth)
        if left_out is None:
            raise AssertionError("so few texts are solved exactly")
        scores = left_out.astype(np.float64)
        near = fit.nearest_others(part.vectors, fitted.landmarks)
        vectors, lexical = known.vectors[outside], known.lexical[outside]
        strange = fit.predict(fitted, vectors, lexical).astype(np.float64)
        strange_near = fit.nearest_others(vectors, fitted.landmarks)
        found += [signs(scores, near), signs(strange, strange_near)]
        rows = np.arange(len(scores))
        hit = truth[rows, scores.argmax(axis=1)].astype(np.float64)
        right += [hit, np.zeros(len(strange))]
    if not found:
        return None
    return logistic(np.concatenate(found), np.concatenate(right))
