"""Measures what 100,000 passages cost two real processes that share them.

    python -m tests.bench.bench_passages [--passages 100000] [--json OUT]

The same sidecar answers the same questions twice: over a few passages, then over
100,000 of them (made-up words by Zipf's law, vectors in clusters). Limits: 200 MB more,
pages that the processes share counted once (PSS), and Retrieve takes at most 1.3 times
as long as its bare parts: the embedder, an exact scan, the index's keyword query.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sidecar.bootstrap import House, open_house
from sidecar.domain.knowledge import (
    Document,
    DocumentState,
    StoredPassage,
    Visibility,
)
from sidecar.index.port import EntryKind, IndexEntry, IndexFilter
from sidecar.settings import load_settings
from sidecar.usecases.retrieve import CANDIDATES
from tests.bench import calls
from tests.bench.bench_index import Rows, texts, vectors
from tests.bench.measuring import alternate, judge, machine, parser, publish
from tests.bench.sidecars import Sidecar, running

ADDED_MB = 200
MOST_TIMES = 1.3
FEW = 500
PER_DOCUMENT = 250
CALLERS = 32
CALLS = 640
WORKSPACE = "default"


def fill(
    house: House,
    first: int,
    count: int,
    bodies: Sequence[str] = (),
    rows: Rows | None = None,
) -> None:
    """Put passages number ``first`` and so on into database and index."""
    bodies = bodies or texts(count, 60, 2)
    rows = vectors(count, 3) if rows is None else rows
    for start in range(0, count, PER_DOCUMENT):
        end = min(start + PER_DOCUMENT, count)
        document = _document(f"doc_bench{first + start}", end - start)
        passages = [
            StoredPassage(f"{document.id}.1.{at}", document.id, at - start, "", body)
            for at, body in enumerate(bodies[start:end], start)
        ]
        entries = [
            IndexEntry(
                entry_id=passage.id,
                group_id=document.id,
                kind=EntryKind.PASSAGE,
                title=document.title,
                text=passage.text,
                vector=rows[start + passage.ordinal],
                public=True,
                source=document.source,
                language="en",
            )
            for passage in passages
        ]
        with house.ports.store.transaction() as tx:
            tx.documents.put(WORKSPACE, document, passages)
        house.ports.index.replace_group(
            WORKSPACE, EntryKind.PASSAGE, document.id, entries
        )
        # Only what is READY is ever shown: else every search would find nothing.
        with house.ports.store.transaction() as tx:
            tx.documents.set_state(WORKSPACE, document.id, DocumentState.READY)


def _document(document_id: str, count: int) -> Document:
    now = datetime.now(UTC)
    return Document(
        id=document_id,
        title=f"About {document_id}",
        source="bench",
        source_url="",
        visibility=Visibility.PUBLIC,
        language="en",
        tags=(),
        state=DocumentState.READY,
        sha256=document_id,
        size_bytes=count,
        file_name=f"{document_id}.txt",
        media_type="text/plain",
        passage_count=count,
        created_at=now,
        updated_at=now,
    )


def asked(sidecar: Sidecar) -> list[dict[str, int]]:
    """Ask the same questions of both processes; return their memory afterwards."""
    clients = [sidecar.client(key) for key in sidecar.keys(CALLERS)]
    # Whatever else a process loads at first use is not what passages cost.
    calls.times(clients, calls.classify(calls.texts_of(12)), 2 * CALLERS)
    calls.times(clients, calls.retrieve(texts(200, 12, 7)), CALLS)
    for client in clients:
        client.close()
    return sidecar.memory()


def beside_parts(
    sidecar: Sidecar, house: House, passages: int, rounds: int
) -> dict[str, Any]:
    """Time Retrieve and the parts that any such search is made of, in turn."""
    queries = texts(rounds, 12, 8)
    matrix = vectors(passages, 3)
    wanted = vectors(rounds, 4)

    def embed(at: int) -> None:
        house.ports.embedder.embed([queries[at]])

    def scan(at: int) -> None:
        (matrix @ wanted[at]).argpartition(-10)

    def words(at: int) -> None:
        house.ports.index.by_words(
            WORKSPACE, EntryKind.PASSAGE, queries[at], CANDIDATES, IndexFilter()
        )

    with sidecar.client(sidecar.keys(1)[0]) as client:
        sides: dict[str, Callable[[int], object]] = {
            "Retrieve": partial(calls.retrieve(queries), client),
            "embedder alone": embed,
            "exact scan alone": scan,
            "keyword query alone": words,
        }
        for side in sides.values():
            side(0)
        result: dict[str, Any] = alternate(sides, rounds)
    parts = sum(result[name]["p50_ms"] for name in sides if name != "Retrieve")
    result["Retrieve / sum of parts"] = round(result["Retrieve"]["p50_ms"] / parts, 2)
    return result


def measure(folder: Path, passages: int, rounds: int) -> dict[str, Any]:
    """Measure with few passages, fill, and measure again."""
    report: dict[str, Any] = {"machine": machine(), "passages": passages}
    house = open_house(load_settings(data_dir=folder))
    try:
        fill(house, 0, FEW)
        with running(Sidecar(folder, 2)) as sidecar:
            before = asked(sidecar)
        began = time.perf_counter()
        fill(house, FEW, passages - FEW)
        report["fill_s"] = round(time.perf_counter() - began, 1)
        with running(Sidecar(folder, 2)) as sidecar:
            assert sidecar.passages() == passages
            report["all_ready_s"] = round(sidecar.seconds_to_all_ready(), 2)
            after = asked(sidecar)
            report["one caller"] = beside_parts(sidecar, house, passages, rounds)
    finally:
        house.close()
    for name, memory in ((f"{FEW} passages", before), (f"{passages} passages", after)):
        report[name] = {f"process {n}": one for n, one in enumerate(memory, 1)}
    added = {
        name: sum(one[name] for one in after) - sum(one[name] for one in before)
        for name in ("pss_mb", "private_mb")
    }
    report["added, both processes"] = added
    report["load after"] = round(os.getloadavg()[0], 2)
    limit = f"{passages} passages add, MB of both processes, shared once"
    times = report["one caller"]["Retrieve / sum of parts"]
    report["limits"] = judge(
        {
            limit: (float(added["pss_mb"]), float(ADDED_MB)),
            f"Retrieve over {passages}, times its bare parts": (times, MOST_TIMES),
        }
    )
    return report


def main() -> int:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=60)
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        report = measure(Path(scratch), wanted.passages, wanted.rounds)
    return publish(report, wanted.json)


if __name__ == "__main__":
    raise SystemExit(main())
