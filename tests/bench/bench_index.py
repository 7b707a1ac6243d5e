"""Measures the embedded index beside the bare parts it is made of.

    python -m tests.bench.bench_index [--passages 100000] [--json OUT] [--dir KEEP]

Everything is compared in one run, the two sides of a ratio taking turns. Texts and
vectors are made up: words follow Zipf's law, vectors lie in clusters.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from sidecar.index.embedded import EmbeddedIndex
from sidecar.index.embedded_words import terms
from sidecar.index.port import EntryKind, IndexEntry, IndexFilter
from tests.bench.measuring import alternate, machine, parser, publish, ratio

DIMENSIONS = 384
MODEL = "bench"
WORDS = 30_000
GROUP = 250
QUERIES = 200
Rows = np.ndarray[Any, np.dtype[np.float32]]
EVERYTHING = IndexFilter()
SELECTIVE = IndexFilter(public_only=True, sources=("source-8",))


def texts(count: int, words: int, seed: int) -> list[str]:
    """Return made-up texts whose words are spread as in real ones."""
    random = np.random.default_rng(seed)
    weight = 1 / np.arange(1, WORDS + 1)
    picked = random.choice(WORDS, (count, words), p=weight / weight.sum())
    return [" ".join(f"w{word}" for word in row) for row in picked]


def vectors(count: int, seed: int) -> Rows:
    """Return unit vectors in 500 clusters, about as near as sentences are."""
    centres = np.random.default_rng(1).normal(size=(500, DIMENSIONS))
    random = np.random.default_rng(seed)
    rows = centres[random.integers(0, 500, count)]
    rows = rows + 1.2 * random.normal(size=rows.shape)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


def fill(index: EmbeddedIndex, count: int) -> float:
    """Add the passages, one group a commit; return the seconds it took."""
    body, rows = texts(count, 60, 2), vectors(count, 3)
    started = time.perf_counter()
    for first in range(0, count, GROUP):
        group = f"g{first}"
        entries = [
            IndexEntry(
                entry_id=f"e{at}",
                group_id=group,
                kind=EntryKind.PASSAGE,
                title=f"title w{at % WORDS}",
                text=body[at],
                vector=rows[at],
                public=at % 2 == 0,
                source=f"source-{at % 50}",
                language="en",
            )
            for at in range(first, min(first + GROUP, count))
        ]
        index.replace_group("bench", EntryKind.PASSAGE, group, entries)
    return time.perf_counter() - started


def measure_vectors(index: EmbeddedIndex, count: int) -> dict[str, Any]:
    """Compare by_vector with a bare exact scan, and say how many hits agree."""
    matrix, queries = vectors(count, 3), vectors(QUERIES, 4)
    found: dict[int, set[int]] = {}

    def exact(at: int) -> None:
        scores = matrix @ queries[at]
        best = np.argpartition(-scores, 10)[:10]
        found[at] = set(best[np.argsort(-scores[best])].tolist())

    agreeing: list[float] = []

    def ours(at: int) -> None:
        hits = index.by_vector("bench", EntryKind.PASSAGE, queries[at], 10, EVERYTHING)
        agreeing.append(len(found[at] & {int(hit.entry_id[1:]) for hit in hits}) / 10)

    def selective(at: int) -> None:
        index.by_vector("bench", EntryKind.PASSAGE, queries[at], 10, SELECTIVE)

    sides = {"numpy exact": exact, "by_vector": ours, "by_vector, 2 % pass": selective}
    result: dict[str, Any] = alternate(sides, QUERIES)
    result["recall_at_10"] = round(statistics.mean(agreeing), 4)
    result["ratio_p50"] = ratio(result, "by_vector", "numpy exact")
    return result


def measure_words(index: EmbeddedIndex, folder: Path, words: int) -> dict[str, Any]:
    """Compare by_words with the same terms asked of FTS5 directly."""
    queries = texts(QUERIES, words, 5)
    connection = sqlite3.connect(folder / "index.db")

    def raw(at: int) -> None:
        match = " OR ".join(f'"{term}"' for term in terms(queries[at]))
        connection.execute(
            "SELECT rowid FROM words_1 WHERE words_1 MATCH ? ORDER BY rank LIMIT 10",
            (match,),
        ).fetchall()

    def ours(at: int) -> None:
        index.by_words("bench", EntryKind.PASSAGE, queries[at], 10, EVERYTHING)

    def selective(at: int) -> None:
        index.by_words("bench", EntryKind.PASSAGE, queries[at], 10, SELECTIVE)

    sides = {"FTS5, all terms": raw, "by_words": ours, "by_words, 2 % pass": selective}
    result: dict[str, Any] = alternate(sides, min(QUERIES, 40))
    connection.close()
    result["ratio_p50"] = ratio(result, "by_words", "FTS5, all terms")
    return result


def measure_memory(folder: Path) -> dict[str, Any]:
    """Search in two fresh processes at once; say what each added, and their share."""
    command = [sys.executable, "-m", "tests.bench.bench_index", "--child", str(folder)]
    children = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    # Both have searched; now they measure while the other still lives.
    results = []
    for child in children:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("measure\n")
        child.stdin.flush()
        results.append(json.loads(child.stdout.readline()))
    for child in children:
        child.communicate("end\n")
    return {"process_1": results[0], "process_2": results[1]}


def child(folder: Path) -> None:
    """Be one of the two processes of ``measure_memory``."""
    process = psutil.Process()
    queries, words = vectors(QUERIES, 6), texts(QUERIES, 12, 7)
    np.dot(np.ones((8, 8)), np.ones(8))
    before = process.memory_full_info()
    started = time.perf_counter()
    index = EmbeddedIndex(folder, model=MODEL, dimensions=DIMENSIONS)
    opened = time.perf_counter()
    for at in range(QUERIES):
        index.by_vector("bench", EntryKind.PASSAGE, queries[at], 10, EVERYTHING)
        if at == 0:
            first = time.perf_counter()
        index.by_words("bench", EntryKind.PASSAGE, words[at], 10, EVERYTHING)
    print("ready", flush=True)
    sys.stdin.readline()
    after = process.memory_full_info()
    figures = {
        "open_s": round(opened - started, 3),
        "first_search_s": round(first - opened, 3),
        "added_rss_mb": (after.rss - before.rss) >> 20,
        "added_pss_mb": (after.pss - before.pss) >> 20,
        "added_private_mb": (after.uss - before.uss) >> 20,
    }
    print(json.dumps(figures), flush=True)
    sys.stdin.readline()
    index.close()


def run(folder: Path, count: int) -> dict[str, Any]:
    """Measure everything in ``folder``, filling it first if it is empty."""
    report: dict[str, Any] = {
        "machine": machine() | {"sqlite": sqlite3.sqlite_version},
        "passages": count,
    }
    index = EmbeddedIndex(folder, model=MODEL, dimensions=DIMENSIONS)
    if index.status("bench").passages != count:
        report["fill_s"] = round(fill(index, count), 1)
    files = [path for path in folder.rglob("*") if path.is_file()]
    report["disk_mb"] = sum(path.stat().st_size for path in files) >> 20
    report["vectors"] = measure_vectors(index, count)
    for words in (12, 200):
        report[f"words, {words} a query"] = measure_words(index, folder, words)
    index.close()
    report["memory"] = measure_memory(folder)
    return report


def main() -> None:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=100_000)
    options.add_argument("--dir", type=Path, help="keep the index here, or use it")
    wanted = options.parse_args()
    if wanted.child:
        child(Path(wanted.child[0]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        report = run(wanted.dir or Path(scratch), wanted.passages)
    publish(report, wanted.json)


if __name__ == "__main__":
    main()
