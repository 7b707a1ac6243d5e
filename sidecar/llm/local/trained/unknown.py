"""What tells unknown matters apart: a trial that leaves out a part of the labels.

A few thousand texts are enough: with half of the labels kept secret, the other half is
trained, and the texts of the secret ones show what the scores look like for something
that was never seen. What they cannot show is distance: secret labels are of the same
business, while a true stranger may come from anywhere. So the cosine to the nearest
landmark has a fixed weight, by its spread, which tells strangers apart better than any
that was learnt so.
"""

from __future__ import annotations

import numpy as np

from sidecar.llm.local.trained import fit
from sidecar.llm.local.trained.calibrate import logistic
from sidecar.llm.local.trained.kernel import Known, rows_of
from sidecar.llm.local.trained.lexical import Floats
from sidecar.llm.local.trained.model import Doubles, signs

_MOST_TEXTS = 3_000
_LEAST_LABELS = 6
_LEAST_TEXTS = 60
_TRIALS = 2
_NEARNESS = 0.6
_LEAST_SPREAD = 1e-6


def unknown_direction(
    known: Known, wanted: Floats, scores: Doubles, nearest: Doubles
) -> Doubles | None:
    """Return weights of the signs that set known and right apart from the rest.

    ``scores`` (texts, labels) and ``nearest`` (texts,) are left-out ones; names of
    labels may come behind the texts in ``known`` and ``wanted``. None for trainings
    too small to leave labels out.
    """
    if wanted.shape[1] < _LEAST_LABELS or len(scores) < _LEAST_TEXTS:
        return None
    learnt = _by_hidden_labels(known, wanted, len(scores))
    return None if learnt is None else _with_nearness(learnt, scores, nearest)


def _by_hidden_labels(known: Known, wanted: Floats, texts: int) -> Doubles | None:
    """Return the weights that a trial gives, none for nearness."""
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
        part = rows_of(known, inside)
        fitted, left_out = fit.fit(part, truth)
        if left_out is None:
            raise AssertionError("so few texts are solved exactly")
        scores = left_out.astype(np.float64)
        vectors, lexical = known.vectors[outside], known.lexical[outside]
        strange = fit.predict(fitted, vectors, lexical).astype(np.float64)
        found += [_by_scores(scores), _by_scores(strange)]
        rows = np.arange(len(scores))
        hit = truth[rows, scores.argmax(axis=1)].astype(np.float64)
        right += [hit, np.zeros(len(strange))]
    if not found:
        return None
    learnt = logistic(np.concatenate(found), np.concatenate(right))
    return np.append(learnt, 0.0)


def _with_nearness(direction: Doubles, scores: Doubles, nearest: Doubles) -> Doubles:
    """Return the direction with a weight of nearness, set by the spreads of both."""
    whole = direction.copy()
    if (spread := float(nearest.std())) > _LEAST_SPREAD:
        along = float((signs(scores, nearest) @ direction).std())
        whole[-1] = _NEARNESS * along / spread
    return whole


def _by_scores(scores: Doubles) -> Doubles:
    """Return the signs but the last one, nearness."""
    return signs(scores, np.zeros(len(scores)))[:, :-1]
