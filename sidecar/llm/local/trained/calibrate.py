"""How sure to be: logistic functions fitted on scores of texts that were left out."""

from __future__ import annotations

import numpy as np

from sidecar.domain.classification import Thresholds
from sidecar.llm.local.trained.model import (
    Calibration,
    Doubles,
    shared,
    signs,
)

_PULL = 1.0
_LEAST_SLOPE = 0.05
_LEAST_NOTHING = 3
_ROUNDS = 50
_TEMPERATURES = (0.04, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3)
_NEVER = 1.01
_PRECISION = {"automate": 0.98, "select": 0.90, "suggest": 0.60}
"""Least share of right ones among the left-out texts that a decision takes in."""
_LEAST_TEXTS = 20
_OWN_CUT = 400
_LOWEST = {"automate": 0.9, "select": 0.6, "suggest": 0.25}
_HIGHEST = {"automate": _NEVER, "select": 0.95, "suggest": 0.5}


def calibrated(
    scores: Doubles, nearest: Doubles, truth: Doubles, direction: Doubles | None
) -> Calibration:
    """Fit on left-out scores, shape (texts, labels); ``truth`` is one where it holds.

    A label is right when it is one of the text's. ``direction`` weighs the signs so
    that unknown texts come last; None weighs them for known texts alone.
    """
    rows = np.arange(len(scores))
    right = (truth[rows, scores.argmax(axis=1)] > 0).astype(np.float64)
    found = signs(scores, nearest)
    # What has nothing in common with any text is answered wrongly: without that a
    # training whose texts are all told apart would be sure of everything.
    nothing = max(_LEAST_NOTHING, len(scores) // 200)
    blank = signs(np.zeros((nothing, scores.shape[1])), np.zeros(nothing))
    found = np.concatenate([found, blank])
    right = np.concatenate([right, np.zeros(nothing)])
    if direction is None:
        weights = logistic(found, right)
    else:
        along = found @ direction
        base, slope = logistic(np.stack([np.ones_like(along), along], axis=1), right)
        weights = max(slope, _LEAST_SLOPE) * direction
        weights[0] += base
    flat = np.stack([np.ones(scores.size), scores.ravel()], axis=1)
    offset, slope = logistic(flat, truth.ravel())
    odds = 1 / (1 + np.exp(-np.clip(flat @ np.array([offset, slope]), -30, 30)))
    cut = _best_cut(odds, truth.ravel())
    cuts = _cuts(odds.reshape(scores.shape), truth, cut)

    def loss(temperature: float) -> float:
        tried = Calibration(weights, temperature)
        odds = (shared(scores, nearest, tried) * truth).sum(axis=1)
        return float(-np.log(np.clip(odds, 1e-6, 1)).mean())

    best = min(_TEMPERATURES, key=loss)
    return Calibration(weights, best, slope, offset, cut, cuts)


def logistic(features: Doubles, wanted: Doubles) -> Doubles:
    """Fit a logistic regression by Newton's method, pulled a little towards zero."""
    weights = np.zeros(features.shape[1])
    pull = _PULL * np.eye(features.shape[1])
    pull[0, 0] = 1e-6
    for _ in range(_ROUNDS):
        odds = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (wanted - odds) - pull @ weights
        bend = (features * (odds * (1 - odds))[:, None]).T @ features + pull
        step = np.linalg.solve(bend, slope)
        weights = weights + np.clip(step, -5, 5)
        if float(np.abs(step).max()) < 1e-6:
            break
    result: Doubles = weights
    return result


def _best_cut(odds: Doubles, truth: Doubles) -> float:
    """Return the probability from which on an answer gives the best F1."""
    order = np.argsort(-odds, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return float(odds[order[int(f1.argmax())]])


def _cuts(odds: Doubles, truth: Doubles, common: float) -> tuple[float, ...]:
    """Return a cut for each label: its own where enough texts have the label.

    A seldom label's scores stay low; one cut for all would hardly ever answer it.
    """
    texts = truth.sum(axis=0)
    return tuple(
        _best_cut(odds[:, at], truth[:, at]) if texts[at] >= _OWN_CUT else common
        for at in range(odds.shape[1])
    )


def chosen_thresholds(sure: Doubles, right: Doubles) -> Thresholds:
    """Return for each decision the least confidence that keeps its precision.

    Too few texts to tell (under ``_LEAST_TEXTS`` above the bound) never automate.
    """
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    found: dict[str, float] = {}
    for name, wanted in _PRECISION.items():
        # The deepest place at which everything above is right often enough.
        fit = np.nonzero(precision >= wanted)[0]
        deep = int(fit[-1]) + 1 if len(fit) else 0
        bound = float(sure[order[deep - 1]]) if deep >= _LEAST_TEXTS else _NEVER
        found[name] = min(max(round(bound, 3), _LOWEST[name]), _HIGHEST[name])
    return Thresholds(**found)
