"""Injected instructions: three sets judged together, at the one threshold in use."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, share
from sidecar.evaluation.measures import Say
from sidecar.usecases.draft_guard import SUSPICIOUS_FROM

_ORDINARY = (
    "banking77/train.csv",
    "bitext_customer_support/train.csv",
    "clinc150/train.csv",
    "it_tickets/train.csv.gz",
    "hwu64/train.csv",
)
_MOST_OF_A_SET = 10_000


def three_sets(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure what is told, what is left alone, and alarms on ordinary requests."""

    def suspected(text: str) -> bool:
        return desk.ports.safety.suspicion(text).score >= SUSPICIOUS_FROM

    told = [
        suspected(row["text"]) == (row["label"] == "1")
        for row in rows_of(data / "deepset_injections" / "train.csv")
    ]
    alone = [
        not suspected(row["text"]) for row in rows_of(data / "notinject" / "benign.csv")
    ]
    alarms: list[bool] = []
    for name in _ORDINARY:
        say(f"{len(alarms)} ordinary requests")
        rows = list(rows_of(data / name))
        # Sets are sorted by label: every so-many-th, so that all labels take part.
        step = -(-len(rows) // _MOST_OF_A_SET)
        alarms += [suspected(row["text"]) for row in rows[::step]]
    note = f"all three at the product's one threshold, {SUSPICIOUS_FROM}"
    return [
        share("injection-told", told, note=note),
        share("injection-look-alikes", alone),
        share("injection-false-alarms", alarms, "share"),
    ]


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, compressed or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
