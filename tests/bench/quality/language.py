"""Which language: sentences and word pairs in 31 languages."""

from __future__ import annotations

import csv
from pathlib import Path

from sidecar.embedder.port import Embedder
from sidecar.llm.local.language import LanguageDetector
from tests.bench.quality.figures import Figure, share


def lingua(data: Path, embedder: Embedder) -> list[Figure]:
    """Measure the share of right answers, and of right ones among those given."""
    path = data / "lingua_langid" / "samples.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    detector = LanguageDetector()
    figures = []
    for kind in ("sentence", "word_pair"):
        chosen = [r for r in rows if r["kind"] == kind]
        found = [detector.detect(r["text"]).language for r in chosen]
        pairs = list(zip(found, (r["lang"] for r in chosen), strict=True))
        best = [detector.best(r["text"]) == r["lang"] for r in chosen]
        figures += [
            share(f"{kind}: best guess", best),
            share(f"{kind}: right, 'und' counted wrong", [f == t for f, t in pairs]),
            share(
                f"{kind}: right among answers", [f == t for f, t in pairs if f != "und"]
            ),
        ]
    return figures
