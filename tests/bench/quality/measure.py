"""Measures the local engine on public data sets.

    .venv/bin/python tests/bench/quality/measure.py --data FOLDER [--only NAME,NAME]

FOLDER holds one folder per data set; docs/quality.md names sources and licences. A data
set that is not there is skipped. Every measure returns its figures with a 95 %
interval (Wilson for shares, bootstrap over items otherwise).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.embedder.none import NoEmbedder
from sidecar.embedder.port import Embedder
from tests.bench.quality import labels, language, summaries, tone
from tests.bench.quality.figures import Figure

MEASURES: dict[str, Callable[[Path, Embedder], list[Figure]]] = {
    "banking77": labels.banking77,
    "bitext": labels.bitext,
    "language": language.lingua,
    "tone": tone.goemotions,
    "headline": summaries.meqsum,
    "summary": summaries.mts_dialog,
}


def main() -> int:
    """Print one line per figure; exit 1 when nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--variant", default="int8", choices=["int8", "fp32", "none"])
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else list(MEASURES)
    embedder = _embedder(options.variant)
    print(
        f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} {os.cpu_count()} cores "
        f"Python {platform.python_version()} embedder {embedder.model}"
    )
    count = 0
    for name in wanted:
        try:
            figures = MEASURES[name](options.data, embedder)
        except FileNotFoundError as missing:
            print(f"{name:10} skipped: {missing.filename} is not there")
            continue
        for figure in figures:
            count += 1
            print(f"{name:10} {figure}", flush=True)
    return 0 if count else 1


def _embedder(variant: str) -> Embedder:
    weights = find_weights()
    if variant == "none" or weights is None:
        return NoEmbedder()
    cache = Path(tempfile.gettempdir()) / "deskside-bench-graphs"
    return MiniLmEmbedder.open(weights, cache, variant, threads=os.cpu_count() or 1)


if __name__ == "__main__":
    sys.exit(main())
