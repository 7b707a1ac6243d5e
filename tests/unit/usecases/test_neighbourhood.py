"""The order of similar tickets among their neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.usecases.find_similar import by_neighbourhood

Row = NDArray[np.float32]
DIMENSIONS = 16


def _unit(row: NDArray[np.float64]) -> Row:
    unit: Row = (row / np.linalg.norm(row)).astype(np.float32)
    return unit


def _desk(seed: int) -> tuple[Row, Row, NDArray[np.bool_]]:
    """Return a question, rows of two matters, and which rows are of its matter."""
    draw = np.random.default_rng(seed)
    common, mine, other = np.eye(DIMENSIONS)[:3]
    of_mine = np.arange(60) % 2 == 0
    noise = draw.normal(scale=0.3, size=(61, DIMENSIONS))
    matters = np.where(of_mine[:, None], mine, other)
    rows = np.stack([_unit(row) for row in 3 * common + matters + noise[:60]])
    return _unit(3 * common + 0.5 * mine + noise[60]), rows, of_mine


def test_what_all_share_does_not_decide() -> None:
    """More tickets of the same matter come first than by cosine alone."""
    ours, plain = [], []
    for seed in range(20):
        question, rows, of_mine = _desk(seed)
        nearest = np.argsort(-(rows @ question), kind="stable")
        order = by_neighbourhood(question, rows[nearest])
        ours.append(of_mine[nearest][order[:20]].mean())
        plain.append(of_mine[nearest][:20].mean())
    assert np.mean(ours) > np.mean(plain) + 0.01


def test_the_order_is_the_same_each_time_and_complete() -> None:
    """Every row once, equal results in repeated calls, none of nothing."""
    question, rows, _ = _desk(1)
    first = by_neighbourhood(question, rows)
    assert sorted(first) == list(range(len(rows)))
    assert all(by_neighbourhood(question, rows) == first for _ in range(3))
    assert by_neighbourhood(question, rows[:0]) == []


def test_rows_without_a_vector_break_nothing() -> None:
    """Zeros are placed somewhere, never an error or a warning."""
    question, rows, _ = _desk(2)
    rows[3] = 0
    assert len(by_neighbourhood(question, rows)) == len(rows)
