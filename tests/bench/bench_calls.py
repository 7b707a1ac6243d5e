"""Measures the calls: one caller's latency, the rate of 16, beside the bare parts.

    python -m tests.bench.bench_calls [--seconds 1] [--rounds 120] [--json OUT]

A real sidecar with the sample company, with one process and with two. The bare parts
(the embedder alone, one durable commit, a gRPC echo) run on the same machine in the
same run and take turns with ours; each turn begins when the sidecar rests, so that
tickets it indexes later slow nobody. The embedder alone has as many processes and
threads as the sidecar, both ways, and of each side the best counts (one process with
two threads or two with one; of the embedder 2 or 16 callers). The caller is a Python
program on the same cores: its own work is part of every rate. Limits: Classify reaches
0.8 of the embedder's rate; at one caller its p95 is at most twice that of embedding and
one durable commit up to 16 tokens, 1.3 times at 128.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sidecar.client import SidecarClient
from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.settings import load_settings
from tests.bench import calls
from tests.bench.bare import BareEcho, BareEmbedders
from tests.bench.bench_start import prepared
from tests.bench.measuring import (
    alternate,
    at_least,
    judge,
    machine,
    parser,
    publish,
)
from tests.bench.sidecars import Sidecar, running

PROCESSES = (1, 2)
CALLERS = 16
FEW = 2
# Words that make about 12, 32 and 128 tokens of MiniLM with these texts.
WORDS = {"12 tokens": 9, "32 tokens": 26, "128 tokens": 110}
ROUNDS = 4
LEAST_SHARE = 0.8
MOST_TIMES = {"12 tokens": 2.0, "128 tokens": 1.3}


def one_caller(
    sidecar: Sidecar, folder: Path, embedder: MiniLmEmbedder, rounds: int
) -> dict[str, Any]:
    """Time every call and its parts in turn, as a single caller meets them."""
    with sidecar.client(sidecar.keys(1)[0]) as client:
        ids = calls.ticket_ids(client)
        commit = durable_commit(folder / "commit.db")
        sides: dict[str, Callable[[int], object]] = {}
        for name, words in WORDS.items():
            texts = calls.texts_of(words)
            sides[f"embed alone, {name}"] = partial(embed, embedder, texts)
            sides[f"embed + commit, {name}"] = partial(both, embedder, texts, commit)
            sides[f"Classify, {name}"] = partial(calls.classify(texts), client)
        sides["Retrieve"] = partial(calls.retrieve(calls.texts_of(12)), client)
        sides["DraftReply"] = partial(calls.draft(ids), client)
        sides["Summarize"] = partial(calls.summarize(ids), client)
        sides["GetTicket"] = partial(calls.read(ids), client)
        sides["one durable commit"] = commit
        for call in sides.values():
            call(0)
        result: dict[str, Any] = alternate(sides, rounds)
    for name in WORDS:
        ours, parts = result[f"Classify, {name}"], result[f"embed + commit, {name}"]
        result[f"Classify / (embed + commit), {name}"] = {
            point: round(ours[point] / parts[point], 2) for point in parts
        }
    return result


def both(
    embedder: MiniLmEmbedder,
    texts: Sequence[str],
    commit: Callable[[int], object],
    at: int,
) -> None:
    """Embed one text and commit one row: the least that Classify must do."""
    embed(embedder, texts, at)
    commit(at)


def embed(embedder: MiniLmEmbedder, texts: Sequence[str], at: int) -> None:
    """Embed one text."""
    embedder.embed([texts[at % len(texts)]])


def durable_commit(path: Path) -> Callable[[int], object]:
    """Return what writes one row to SQLite and waits for the disk."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (body TEXT)")

    def commit(_: int) -> None:
        connection.execute("INSERT INTO rows VALUES (?)", ("x" * 2000,))

    return commit


def many_callers(
    sidecar: Sidecar, models: Path, threads: int, seconds: float
) -> dict[str, Any]:
    """Count answered calls a second of 16 callers, ours and bare in turn."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(sidecar.client(key)) for key in sidecar.keys(CALLERS)
        ]
        ids = calls.ticket_ids(clients[0])
        bare = stack.enter_context(BareEmbedders(models, sidecar.processes, threads))
        echo = stack.enter_context(BareEcho(sidecar.processes))
        sides: dict[str, Callable[[], float]] = {}
        for name, words in WORDS.items():
            texts = calls.texts_of(words)
            for few in (FEW, CALLERS):
                sides[f"embed alone, {name}, {few} callers"] = partial(
                    bare.rate, words, few, seconds
                )
            sides[f"Classify, {name}"] = rate(clients, calls.classify(texts), seconds)
        queries = calls.texts_of(12)
        sides["Retrieve"] = rate(clients, calls.retrieve(queries), seconds)
        sides["DraftReply"] = rate(clients, calls.draft(ids), seconds)
        sides["Summarize"] = rate(clients, calls.summarize(ids), seconds)
        sides["GetTicket"] = rate(clients, calls.read(ids), seconds)
        sides["bare gRPC echo"] = partial(echo.rate, CALLERS, seconds)
        cpu = dict.fromkeys(sides, sidecar.cpu_seconds)
        cpu |= {name: bare.cpu_seconds for name in sides if name.startswith("embed")}
        cpu["bare gRPC echo"] = echo.cpu_seconds
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                sidecar.settle()
                taken[name].append(with_cpu(side, cpu[name]))
    result: dict[str, Any] = {}
    for name, slices in taken.items():
        rates, costs = zip(*slices, strict=True)
        result[f"{name}, calls/s"] = round(statistics.median(rates), 1)
        result[f"{name}, CPU ms a call"] = round(statistics.median(costs), 2)
    return result | shares(result)


def with_cpu(
    side: Callable[[], float], cpu: Callable[[], float]
) -> tuple[float, float]:
    """Return a side's rate, and the processor milliseconds that a call cost it."""
    began, used = time.monotonic(), cpu()
    answers = side()
    seconds = time.monotonic() - began
    return answers, (cpu() - used) * 1e3 / (answers * seconds)


def shares(result: dict[str, Any]) -> dict[str, float]:
    """Return how near Classify comes to the embedder, GetTicket to an echo.

    By processor time too, which other work on the machine disturbs less.
    """
    made = {}
    for name in WORDS:
        bare = [f"embed alone, {name}, {callers} callers" for callers in (FEW, CALLERS)]
        best = max(result[f"{one}, calls/s"] for one in bare)
        least = min(result[f"{one}, CPU ms a call"] for one in bare)
        ours = f"Classify, {name}"
        made[f"Classify / embed alone, {name}"] = result[f"{ours}, calls/s"] / best
        made[f"Classify / embed alone by CPU, {name}"] = (
            least / result[f"{ours}, CPU ms a call"]
        )
    made["GetTicket / echo"] = (
        result["GetTicket, calls/s"] / result["bare gRPC echo, calls/s"]
    )
    return {name: round(share, 2) for name, share in made.items()}


def rate(
    clients: Sequence[SidecarClient], call: calls.Call, seconds: float
) -> Callable[[], float]:
    """Return what measures a call's rate."""
    return partial(calls.at_once, clients, call, seconds)


def limits(report: dict[str, Any]) -> dict[str, str]:
    """Say which limits are kept: the best of ours over the best of the embedder."""
    alone = report["one caller, one process"]
    many = [report[_title(processes)] for processes in PROCESSES]
    shares = {}
    for name in WORDS:
        ours = max(one[f"Classify, {name}, calls/s"] for one in many)
        bare = max(
            one[f"embed alone, {name}, {callers} callers, calls/s"]
            for one in many
            for callers in (FEW, CALLERS)
        )
        limit = f"Classify, share of the embedder's rate, {name}"
        shares[limit] = (round(ours / bare, 2), LEAST_SHARE)
    times = {
        f"Classify, p95 over that of embed + commit, {name}": (
            alone[f"Classify / (embed + commit), {name}"]["p95_ms"],
            most,
        )
        for name, most in MOST_TIMES.items()
    }
    return at_least(shares) | judge(times)


def _title(processes: int) -> str:
    return f"{CALLERS} callers, processes: {processes}"


def main() -> int:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=1.0)
    options.add_argument("--rounds", type=int, default=120)
    wanted = options.parse_args()
    weights = find_weights()
    if weights is None:
        raise SystemExit("the weights are not installed: see `deskside doctor`")
    variant = load_settings().embedder_variant
    report: dict[str, Any] = {"machine": machine(), "embedder": variant}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data_dir = folder / "data"
        report["passages"] = prepared(data_dir)
        models = data_dir / "models"
        for processes in PROCESSES:
            threads = max(1, (os.cpu_count() or 1) // processes)
            with running(Sidecar(data_dir, processes)) as sidecar:
                if processes == 1:
                    embedder = MiniLmEmbedder.open(weights, models, variant, threads)
                    report["one caller, one process"] = one_caller(
                        sidecar, folder, embedder, wanted.rounds
                    )
                    del embedder
                sidecar.settle()
                report[_title(processes)] = many_callers(
                    sidecar, models, threads, wanted.seconds
                )
                report[f"memory, processes: {processes}"] = {
                    f"process {number}": figures
                    for number, figures in enumerate(sidecar.memory(), 1)
                }
    report["limits"] = limits(report)
    report["load after"] = round(os.getloadavg()[0], 2)
    return publish(report, wanted.json)


if __name__ == "__main__":
    raise SystemExit(main())
