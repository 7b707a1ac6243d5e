"""Measures Retrieve beside what a team would write itself: embed, top 5 of 10,000.

    python -m tests.bench.bench_peer [--seconds 3] [--rounds 5] [--json OUT]

The peer is FastAPI, sentence-transformers on torch and FAISS with the same weights,
the same passages and the same queries, in its best setting here: two workers with one
torch thread each. Ours has two processes with one thread each and does more: key,
limits, words beside vectors, what may be shown, highlights. Both are asked by 16
callers in turn. Limits: 4 times the answers a second up to 32 tokens, twice at 128,
half the memory a worker.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.bootstrap import open_house
from sidecar.settings import load_settings
from sidecar.v1 import assist_pb2
from tests.bench import calls, peers
from tests.bench.bench_index import vectors
from tests.bench.bench_passages import fill
from tests.bench.measuring import (
    at_least,
    judge,
    machine,
    of_rounds,
    parser,
    publish,
)
from tests.bench.sidecars import Sidecar, running

PASSAGES = 10_000
WORKERS = 2
CALLERS = 16
# Words that make about so many tokens, and how many times the peer's rate is wanted.
LENGTHS = {"12 tokens": (9, 4.0), "32 tokens": (26, 4.0), "128 tokens": (110, 2.0)}


def passages_of(count: int, words: int) -> list[str]:
    """Return passages of a help centre's words, as often as they come up there."""
    known = calls.knowledge_words()
    picked = np.random.default_rng(5).choice(known, (count, words))
    return [" ".join(row) for row in picked]


def measure(folder: Path, seconds: float, rounds: int) -> dict[str, Any]:
    """Fill both with the same passages and let callers ask them in turn."""
    bodies, rows = passages_of(PASSAGES, 60), vectors(PASSAGES, 3)
    data_dir = folder / "data"
    house = open_house(load_settings(data_dir=data_dir))
    fill(house, 0, PASSAGES, bodies, rows)
    house.close()
    report: dict[str, Any] = {"machine": machine(), "passages": PASSAGES}
    with ExitStack() as stack:
        service = stack.enter_context(running(Sidecar(data_dir, WORKERS)))
        peer = stack.enter_context(
            peers.serving(folder / "peer", bodies, rows, WORKERS)
        )
        clients = [
            stack.enter_context(service.client(key)) for key in service.keys(CALLERS)
        ]
        sides: dict[str, Callable[[], float]] = {}
        for name, (words, _) in LENGTHS.items():
            texts = calls.texts_of(words)
            ask = partial(calls.at_once, clients)
            meaning = calls.retrieve(texts, assist_pb2.RETRIEVAL_MODE_VECTOR)
            sides[f"Retrieve by vector, {name}"] = partial(ask, meaning, seconds)
            sides[f"Retrieve, {name}"] = partial(ask, calls.retrieve(texts), seconds)
            sides[f"peer, {name}"] = partial(peer.rate, texts, CALLERS, seconds)
        taken = in_turn(sides, rounds)
        ours, theirs = service.memory(), peer.memory()
    report["answers a second"] = {
        name: round(statistics.median(rates), 1) for name, rates in taken.items()
    }
    report["memory, ours"] = {f"worker {n}": one for n, one in enumerate(ours, 1)}
    report["memory, peer"] = {f"worker {n}": one for n, one in enumerate(theirs, 1)}
    limits = {}
    by_vector = {}
    for name, (_, wanted) in LENGTHS.items():
        peer_rates = taken[f"peer, {name}"]
        times = of_rounds(taken[f"Retrieve, {name}"], peer_rates)
        limits[f"Retrieve, times the peer's rate, {name}"] = (times, wanted)
        alone = of_rounds(taken[f"Retrieve by vector, {name}"], peer_rates)
        by_vector[f"by vector alone, {name}"] = alone
    report["times the peer's rate"] = by_vector
    share = max(one["pss_mb"] for one in ours) / min(one["pss_mb"] for one in theirs)
    report["load after"] = round(os.getloadavg()[0], 2)
    report["limits"] = at_least(limits) | judge(
        {"memory of a worker, share of the peer's": (round(share, 2), 0.5)}
    )
    return report


def in_turn(
    sides: dict[str, Callable[[], float]], rounds: int
) -> dict[str, list[float]]:
    """Measure every side once unseen and then once a round."""
    for side in sides.values():
        side()
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            taken[name].append(side())
    return taken


def main() -> int:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--rounds", type=int, default=5)
    wanted = options.parse_args()
    if not peers.is_installed():
        print(f"skipped: the peer is {peers.MISSING}")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        report = measure(Path(scratch), wanted.seconds, wanted.rounds)
    return publish(report, wanted.json)


if __name__ == "__main__":
    raise SystemExit(main())
