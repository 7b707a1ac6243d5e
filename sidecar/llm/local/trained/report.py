"""What is said about a training: figures of the left-out texts, as plain JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.llm.local.trained.model import Doubles

Flags = NDArray[np.bool_]
_BINS = 15
_MOST_CONFUSIONS = 20
_PRECISIONS = (0.98, 0.95, 0.90)


def report(
    labels: Sequence[str], scores: Doubles, truth: Doubles, sure: Doubles
) -> dict[str, Any]:
    """Return accuracy, macro-F1, calibration, figures by label, and mix-ups.

    ``scores`` and ``truth`` have shape (texts, labels), ``sure`` (texts,).
    """
    rows = np.arange(len(scores))
    best = scores.argmax(axis=1)
    right = truth[rows, best] > 0
    # Of a text with several labels, the answered one where it is one of them.
    meant = np.where(right, best, truth.argmax(axis=1))
    by_label = [_of_label(labels[i], best == i, meant == i) for i in range(len(labels))]
    top = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    in_top = np.take_along_axis(truth, top, axis=1).max(axis=1) > 0
    pairs = Counter(
        (labels[int(m)], labels[int(b)])
        for m, b in zip(meant[~right], best[~right], strict=True)
    )
    return {
        "texts": len(scores),
        "labels": len(labels),
        "accuracy": _rounded(right.mean()),
        "top_3": _rounded(in_top.mean()),
        "macro_f1": _rounded(
            np.mean([row["f1"] for row in by_label if row["texts"]] or [0.0])
        ),
        "ece": _rounded(expected_error(sure, right)),
        "coverage": {str(p): _rounded(_coverage(sure, right, p)) for p in _PRECISIONS},
        "by_label": by_label,
        "confusions": [
            {"label": meant_one, "answered": got, "texts": count}
            for (meant_one, got), count in sorted(
                pairs.items(), key=lambda item: (-item[1], item[0])
            )[:_MOST_CONFUSIONS]
        ],
    }


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _of_label(name: str, answered: Flags, meant: Flags) -> dict[str, Any]:
    hits = float((answered & meant).sum())
    precision = hits / max(1.0, float(answered.sum()))
    recall = hits / max(1.0, float(meant.sum()))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {
        "label": name,
        "texts": int(meant.sum()),
        "precision": _rounded(precision),
        "recall": _rounded(recall),
        "f1": _rounded(f1),
    }


def expected_error(sure: Doubles, right: Flags) -> float:
    """Return the expected calibration error in 15 equal bins (Guo et al., 2017)."""
    at = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        inside = at == number
        if inside.any():
            gap = abs(float(sure[inside].mean()) - float(right[inside].mean()))
            total += gap * float(inside.mean())
    return total


def _coverage(sure: Doubles, right: Flags, precision: float) -> float:
    """Return the largest share of texts, surest first, that is right this often."""
    order = np.argsort(-sure, kind="stable")
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    fit = np.nonzero(so_far >= precision)[0]
    return (int(fit[-1]) + 1) / len(order) if len(fit) else 0.0
