"""Which language: sentences and word pairs in 31 languages."""

from __future__ import annotations

import csv
from pathlib import Path

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, share
from sidecar.evaluation.measures import Say
from sidecar.llm.local.language import LanguageDetector

_ROWS = {"sentence": "language-sentences", "word_pair": "language-word-pairs"}


def lingua(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure the share of right best guesses."""
    path = data / "lingua_langid" / "samples.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    detector = LanguageDetector()
    figures = []
    for kind, row in _ROWS.items():
        chosen = [r for r in rows if r["kind"] == kind]
        say(f"{len(chosen)} of kind {kind}")
        best = [detector.best(r["text"]) == r["lang"] for r in chosen]
        figures.append(share(row, best))
    return figures
