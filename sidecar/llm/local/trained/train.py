"""A training from labelled texts to a model and its report, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sidecar.domain.training import LabelledText
from sidecar.embedder.port import Embedder
from sidecar.llm.local.trained import fit, kernel
from sidecar.llm.local.trained.calibrate import calibrated, chosen_thresholds
from sidecar.llm.local.trained.lexical import Floats
from sidecar.llm.local.trained.model import Doubles, TrainedModel, confidence
from sidecar.llm.local.trained.report import report
from sidecar.llm.local.trained.ridge import with_chosen_ridge
from sidecar.llm.local.trained.unknown import unknown_direction

Say = Callable[[int, int, str], None]
"""Told steps finished, steps in all, and what is being done."""

Texts = Callable[[str], tuple[str, str]]
"""A text as the reader sees it: what is embedded, and what is looked at by words."""

_CHUNK = 128
_FOLDS = 3
_AFTER = 4


def train(
    rows: Sequence[LabelledText],
    embedder: Embedder,
    texts: Texts,
    spoken: Callable[[str], str],
    say: Say,
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train on ``rows`` and judge by left-out texts.

    With few texts a label its name, ``spoken``, is one more text of it; it counts in
    no figure. Raises ``ValueError`` for fewer than two labels.
    """
    labels = tuple(sorted({label for row in rows for label in row.labels}))
    if len(labels) < 2:
        raise ValueError("a training needs texts of at least two labels")
    several = any(len(row.labels) != 1 for row in rows)
    given = [texts(row.text) for row in rows]
    wanted = truth = _truth(rows, labels)
    if not several and len(rows) < kernel.MANY_A_LABEL * len(labels):
        given += [(spoken(label), spoken(label)) for label in labels]
        wanted = np.concatenate([truth, np.eye(len(labels), dtype=np.float32)])
    total = len(given) + _AFTER
    vectors = _embedded([short for short, _ in given], embedder, total, say)
    say(len(given), total, "learning the words")
    known = kernel.known_texts([long for _, long in given], vectors, len(labels))
    if several:
        known = replace(known, kernel=kernel.SEVERAL_LABELS)
    known = with_chosen_ridge(known, wanted)
    say(len(given) + 1, total, "fitting")
    fitted, left_out = fit.fit(known, wanted)
    say(len(given) + 2, total, "judging by texts left out")
    if left_out is None:
        left_out = _by_folds(known, wanted)
    scores = left_out[: len(rows)].astype(np.float64)
    held = truth.astype(np.float64)
    nearest = fit.nearest_others(vectors[: len(rows)], fitted.landmarks)
    direction = unknown_direction(known, wanted, scores, nearest)
    calibration = calibrated(scores, nearest, held, direction)
    sure = confidence(scores, nearest, calibration.weights)
    right = held[np.arange(len(rows)), scores.argmax(axis=1)]
    model = TrainedModel(
        labels=labels,
        embedder=embedder.model,
        vocabulary=known.vocabulary,
        landmarks=fitted.landmarks,
        by_vector=fitted.by_vector,
        by_words=fitted.by_words,
        calibration=calibration,
        thresholds=chosen_thresholds(sure, right),
        gamma=fitted.gamma,
        several=several,
    )
    figures = report(labels, scores, held, sure)
    if several:
        figures["micro_f1"] = _micro_f1(model, scores, held)
    say(total, total, "done")
    return model, figures


def _truth(rows: Sequence[LabelledText], labels: Sequence[str]) -> Floats:
    """Return 1 where a text has a label, shape (texts, labels)."""
    number = {label: i for i, label in enumerate(labels)}
    truth = np.zeros((len(rows), len(labels)), np.float32)
    for at, row in enumerate(rows):
        truth[at, [number[label] for label in row.labels]] = 1.0
    return truth


def _embedded(texts: list[str], embedder: Embedder, total: int, say: Say) -> Floats:
    parts = []
    for start in range(0, len(texts), _CHUNK):
        say(start, total, "reading the texts")
        parts.append(embedder.embed(texts[start : start + _CHUNK]))
    return np.concatenate(parts)


def _by_folds(known: kernel.Known, wanted: Floats) -> Floats:
    """Return scores of texts by models that have not seen them."""
    left_out = np.zeros_like(wanted)
    fold = np.random.default_rng(0).integers(0, _FOLDS, len(wanted))
    for number in range(_FOLDS):
        inside, outside = np.nonzero(fold != number)[0], np.nonzero(fold == number)[0]
        part = kernel.rows_of(known, inside)
        fitted, _ = fit.fit(part, np.ascontiguousarray(wanted[inside]))
        vectors, lexical = known.vectors[outside], known.lexical[outside]
        left_out[outside] = fit.predict(fitted, vectors, lexical)
    return left_out


def _micro_f1(model: TrainedModel, scores: Doubles, truth: Doubles) -> float:
    """Return the F1 over all pairs of left-out text and label."""
    _, answered = model.calibration.labels_that_hold(scores)
    hits = float((answered * truth).sum())
    return round(2 * hits / max(1.0, float(answered.sum() + truth.sum())), 4)
