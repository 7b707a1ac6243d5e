"""Figures with 95 % intervals, and the statistics they are made of.

Shares carry Wilson's interval (Wilson 1927); everything else a bootstrap over items
(Efron 1979) with a fixed seed, so that a repeat prints the same.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log2, sqrt

_DRAWS = 300
_SEED = 7
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """One result: of which row, what, how much, between what, over how many items.

    ``value`` is a share 0..1, or points 0..100 for ROUGE. ``note`` says what a reader
    must know to judge it, e.g. the threshold it was taken at.
    """

    row: str
    measure: str
    value: float
    low: float
    high: float
    items: int
    note: str = ""


def wilson(right: int, items: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; (0, 1) when nothing was counted."""
    if items == 0:
        return 0.0, 1.0
    p, z = right / items, _Z
    middle = (p + z * z / (2 * items)) / (1 + z * z / items)
    half = z * sqrt(p * (1 - p) / items + z * z / (4 * items * items))
    half /= 1 + z * z / items
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(
    statistic: Callable[[Sequence[int]], float], items: int, draws: int = _DRAWS
) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of item positions drawn with return."""
    draw = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    places = range(items)
    values = sorted(statistic(draw.choices(places, k=items)) for _ in range(draws))
    return values[int(0.025 * draws)], values[min(draws - 1, int(0.975 * draws))]


def share(
    row: str, right: Sequence[bool], measure: str = "accuracy", note: str = ""
) -> Figure:
    """Return the share of right items."""
    low, high = wilson(sum(right), len(right))
    return Figure(row, measure, sum(right) / len(right), low, high, len(right), note)


def mean(row: str, values: Sequence[float], measure: str, note: str = "") -> Figure:
    """Return a mean of items."""
    low, high = bootstrap(lambda at: sum(values[i] for i in at) / len(at), len(values))
    value = sum(values) / len(values)
    return Figure(row, measure, value, low, high, len(values), note)


def statistic(
    row: str,
    measure: str,
    compute: Callable[[Sequence[int]], float],
    items: int,
    note: str = "",
    draws: int = _DRAWS,
) -> Figure:
    """Return any statistic of item positions, e.g. an F1 or an area."""
    low, high = bootstrap(compute, items, draws)
    return Figure(row, measure, compute(range(items)), low, high, items, note)


def macro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean F1 of the labels that occur in the truth."""
    hits = Counter(t for t, f in zip(truth, found, strict=True) if t == f)
    wanted, given = Counter(truth), Counter(found)
    scores = [2 * hits[label] / (wanted[label] + given[label]) for label in wanted]
    return sum(scores) / len(scores)


def macro(
    row: str, truth: Sequence[str], found: Sequence[str], draws: int = 60
) -> Figure:
    """Return a macro F1."""
    return statistic(
        row,
        "macro F1",
        lambda at: macro_f1([truth[i] for i in at], [found[i] for i in at]),
        len(truth),
        draws=draws,
    )


def micro_f1(truth: Sequence[set[str]], found: Sequence[set[str]]) -> float:
    """Return the F1 of all labels of all items together (several labels an item)."""
    hits = sum(len(t & f) for t, f in zip(truth, found, strict=True))
    total = sum(map(len, truth)) + sum(map(len, found))
    return 2 * hits / total if total else 1.0


def f_beta(precision: float, recall: float, beta: float = 2.0) -> float:
    """Return F-beta; beta 2 weighs recall over precision (van Rijsbergen 1979)."""
    weight = beta * beta
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def ece(confidence: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Return the expected calibration error over equal-width bins (Guo et al. 2017)."""
    places = [min(bins - 1, int(c * bins)) for c in confidence]
    gap = 0.0
    for place in set(places):
        members = [i for i, p in enumerate(places) if p == place]
        gap += abs(sum(confidence[i] for i in members) - sum(right[i] for i in members))
    return gap / len(places)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """Return the area under the ROC curve by ranks; ties count half (Hanley 1982)."""
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    ranks = [0.0] * len(scores)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and scores[order[end]] == scores[order[start]]:
            end += 1
        for place in range(start, end):
            ranks[order[place]] = (start + end + 1) / 2
        start = end
    wanted = sum(positive)
    others = len(positive) - wanted
    if not wanted or not others:
        return 0.5
    above = sum(r for r, p in zip(ranks, positive, strict=True) if p)
    return (above - wanted * (wanted + 1) / 2) / (wanted * others)


def ndcg(relevances: Sequence[float], ideal: Sequence[float], depth: int = 10) -> float:
    """Return nDCG of a ranked list (Järvelin 2002): gain / log2(place + 1), linear."""
    best = _dcg(sorted(ideal, reverse=True)[:depth])
    return _dcg(relevances[:depth]) / best if best else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains))


def rouge1(reference: str, found: str) -> float:
    """Return the F1 of shared words (ROUGE-1, Lin 2004), lower case, no stemming."""
    wanted = Counter(re.findall(r"[a-z0-9]+", reference.lower()))
    given = Counter(re.findall(r"[a-z0-9]+", found.lower()))
    shared = sum((wanted & given).values())
    if not shared:
        return 0.0
    precision, recall = shared / sum(given.values()), shared / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)
