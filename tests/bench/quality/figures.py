"""Figures with intervals, and the two measures used for texts."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

_DRAWS = 500


@dataclass(frozen=True, slots=True)
class Figure:
    """One result: what, how much, between what (95 %), over how many items."""

    name: str
    value: float
    low: float
    high: float
    items: int

    def __str__(self) -> str:
        """Return the line that is printed."""
        return (
            f"{self.name:44} {self.value:.4f}  [{self.low:.4f}, {self.high:.4f}]"
            f"  n={self.items}"
        )


def share(name: str, right: Sequence[bool]) -> Figure:
    """Return an accuracy with its Wilson interval."""
    n, k, z = len(right), sum(right), 1.96
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Figure(name, p, middle - half, middle + half, n)


def mean(name: str, values: Sequence[float]) -> Figure:
    """Return a mean with its bootstrap interval (500 draws, fixed seed)."""
    draw = random.Random(7)
    n = len(values)
    means = sorted(sum(draw.choices(values, k=n)) / n for _ in range(_DRAWS))
    low, high = means[int(0.025 * _DRAWS)], means[int(0.975 * _DRAWS)]
    return Figure(name, sum(values) / n, low, high, n)


def plain(name: str, value: float, items: int) -> Figure:
    """Return a figure without an interval."""
    return Figure(name, value, value, value, items)


def macro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean F1 of the labels that occur in the truth."""
    scores = []
    for label in sorted(set(truth)):
        hit = sum(t == f == label for t, f in zip(truth, found, strict=True))
        wanted = sum(t == label for t in truth)
        given = sum(f == label for f in found)
        scores.append(2 * hit / (wanted + given) if wanted + given else 0.0)
    return sum(scores) / len(scores)


def macro(name: str, truth: Sequence[str], found: Sequence[str]) -> Figure:
    """Return a macro F1 with its bootstrap interval."""
    draw = random.Random(7)
    places = range(len(truth))
    values = []
    for _ in range(60):
        picked = draw.choices(places, k=len(truth))
        values.append(macro_f1([truth[i] for i in picked], [found[i] for i in picked]))
    values.sort()
    return Figure(name, macro_f1(truth, found), values[1], values[-2], len(truth))


def rouge1(reference: str, found: str) -> float:
    """Return the F1 of shared words (ROUGE-1, Lin 2004), lower case, no stemming."""
    wanted = Counter(re.findall(r"[a-z0-9]+", reference.lower()))
    given = Counter(re.findall(r"[a-z0-9]+", found.lower()))
    shared = sum((wanted & given).values())
    if not shared:
        return 0.0
    precision, recall = shared / sum(given.values()), shared / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)
