"""Measures what a cold start spends on embedder and index, step by step.

    python -m tests.bench.bench_cold_parts [--passages 1000] [--json OUT]

Each round is a fresh process; the figures are medians of the rounds. The graph is
in the cache, but for the one round that builds it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.bench.measuring import in_fresh_process, machine, parser, publish

ROUNDS = 7
MODULE = "tests.bench.bench_cold_parts"


def child(folder: Path, passages: int) -> dict[str, float]:
    """Take the steps of a start one by one; return seconds and megabytes of each."""
    process = psutil.Process()
    figures: dict[str, float] = {"python_mb": process.memory_info().rss >> 20}
    last = time.perf_counter()

    def step(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        figures[f"{name}_s"] = now - last
        figures[f"{name}_mb"] = process.memory_info().rss >> 20
        last = time.perf_counter()

    from sidecar.embedder.minilm import DEFAULT_VARIANT, MiniLmEmbedder, find_weights

    step("import_embedder")
    weights = find_weights()
    assert weights is not None
    embedder = MiniLmEmbedder.open(weights, folder / "models", DEFAULT_VARIANT, 1)
    step("open_embedder")
    vector = embedder.embed(["where is my order"])[0]
    step("first_text")
    from sidecar.index.embedded import EmbeddedIndex
    from sidecar.index.port import EntryKind, IndexFilter

    step("import_index")
    index = EmbeddedIndex(folder / "index", model="bench", dimensions=len(vector))
    step("open_index")
    everything = IndexFilter()
    index.by_vector("bench", EntryKind.PASSAGE, vector, 10, everything)
    index.by_words("bench", EntryKind.PASSAGE, "w1 w20 w300", 10, everything)
    step("first_search")
    assert index.status("bench").passages == passages
    index.close()
    return figures


def main() -> None:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=1_000)
    wanted = options.parse_args()
    if wanted.child:
        folder, passages = wanted.child
        print(json.dumps(child(Path(folder), int(passages))))
        return
    from sidecar.index.embedded import EmbeddedIndex
    from tests.bench.bench_index import DIMENSIONS, MODEL, fill

    with tempfile.TemporaryDirectory() as scratch:
        index = EmbeddedIndex(
            Path(scratch) / "index", model=MODEL, dimensions=DIMENSIONS
        )
        fill(index, wanted.passages)
        index.close()
        building = in_fresh_process(MODULE, scratch, str(wanted.passages))
        rounds = [
            in_fresh_process(MODULE, scratch, str(wanted.passages))
            for _ in range(ROUNDS)
        ]
    cached: dict[str, Any] = {
        name: round(statistics.median(one[name] for one in rounds), 3)
        for name in rounds[0]
    }
    cached["total_s"] = round(sum(v for k, v in cached.items() if k[-2:] == "_s"), 3)
    report = {
        "machine": machine(),
        "passages": wanted.passages,
        "graph in the cache": cached,
        "graph built in": {"open_embedder_s": round(building["open_embedder_s"], 3)},
    }
    publish(report, wanted.json)


if __name__ == "__main__":
    main()
