"""Measures the embedder: both variants in turn, by text length and thread count.

    python -m tests.bench.bench_embedder [--json OUT]

Load time and memory are taken in fresh processes whose graph is in the cache.
"""

from __future__ import annotations

import json
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from sidecar.embedder.minilm import VARIANTS, MiniLmEmbedder, find_weights
from tests.bench.measuring import (
    alternate,
    in_fresh_process,
    machine,
    parser,
    publish,
    ratio,
)

LENGTHS = (12, 32, 128)
THREADS = (1, 2)
ROUNDS = 60
BATCH = 32


def text(tokens: int, seed: int) -> str:
    """Return a text of this many tokens, the two that frame it included."""
    words = ("order", "late", "help", "money", "back", "phone", "screen", "table")
    return " ".join(words[(seed * 7 + at * 3) % len(words)] for at in range(tokens - 2))


def embed_one(embedder: MiniLmEmbedder, tokens: int, seed: int) -> None:
    """Embed one text."""
    embedder.embed([text(tokens, seed)])


def embed_batch(embedder: MiniLmEmbedder, _: int) -> None:
    """Embed a batch of short texts."""
    embedder.embed([text(12, seed) for seed in range(BATCH)])


def measure(folder: Path, weights: Path, threads: int) -> dict[str, Any]:
    """Time one text of each length, and a batch of short ones, in both variants."""
    embedders = {
        variant: MiniLmEmbedder.open(weights, folder, variant, threads)
        for variant in VARIANTS
    }
    result: dict[str, Any] = {}
    for tokens in LENGTHS:
        sides = {
            f"{variant}, {tokens} tokens": partial(embed_one, one, tokens)
            for variant, one in embedders.items()
        }
        result |= alternate(sides, ROUNDS)
        result[f"int8 / fp32, {tokens} tokens"] = ratio(
            result, f"int8, {tokens} tokens", f"fp32, {tokens} tokens"
        )
    sides = {
        f"{variant}, {BATCH} texts of 12": partial(embed_batch, one)
        for variant, one in embedders.items()
    }
    result |= alternate(sides, ROUNDS // 5)
    return result


def child(variant: str, folder: Path, weights: Path) -> dict[str, Any]:
    """Say what loading costs in this process, which has done nothing else."""
    process = psutil.Process()
    before = process.memory_full_info()
    started = time.perf_counter()
    embedder = MiniLmEmbedder.open(weights, folder, variant, 1)
    loaded = time.perf_counter()
    embedder.embed(["the first text"])
    first = time.perf_counter()
    for tokens in (*LENGTHS, 256):
        embedder.embed([text(tokens, seed) for seed in range(BATCH)])
    after = process.memory_full_info()
    return {
        "load_s": round(loaded - started, 3),
        "first_text_s": round(first - loaded, 3),
        "imports_rss_mb": before.rss >> 20,
        "rss_mb": after.rss >> 20,
        "private_mb": after.uss >> 20,
    }


def main() -> None:
    """Run from the command line."""
    wanted = parser(__doc__).parse_args()
    if wanted.child:
        variant, folder, place = wanted.child
        print(json.dumps(child(variant, Path(folder), Path(place))))
        return
    weights = find_weights()
    if weights is None:
        raise SystemExit("the weights are not installed: see `deskside doctor`")
    report: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as scratch:
        for threads in THREADS:
            report[f"threads: {threads}"] = measure(Path(scratch), weights, threads)
        report["fresh process"] = {
            variant: in_fresh_process(
                "tests.bench.bench_embedder", variant, scratch, str(weights)
            )
            for variant in VARIANTS
        }
    publish(report, wanted.json)


if __name__ == "__main__":
    main()
