"""Measures the event road beside the database's own durable commits.

    python -m tests.bench.bench_events [--seconds 3] [--json OUT]

One real sidecar on SQLite. Publishers and the bare commits take turns on the same
disk in the same run; the publishers are a Python program on the same cores.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration

from sidecar.client import SidecarClient
from sidecar.v1 import event_pb2 as pb
from tests.bench.measuring import at_least, machine, parser, publish
from tests.flow.sidecar_process import SidecarProcess

PUBLISHERS = (1, 16)
ROUNDS = 3
ALLOWED_SHARE = 0.7


def bare_commits(folder: Path, seconds: float) -> float:
    """Return how many single-row durable commits a second SQLite makes by itself."""
    connection = sqlite3.connect(folder / f"bare-{uuid.uuid4().hex}.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, payload TEXT)")
    count, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        with connection:
            connection.execute("INSERT INTO t VALUES (?, ?)", (uuid.uuid4().hex, "{}"))
        count += 1
    connection.close()
    return count / seconds


def event(ticket: int) -> pb.PublishEventRequest:
    """Return an event that was never sent."""
    return pb.PublishEventRequest(
        event=pb.Event(
            type="zendesk.ticket.updated",
            schema_version=1,
            source="zendesk",
            source_event_id=uuid.uuid4().hex,
            ticket_key=f"zendesk:{ticket}",
            payload_json=b'{"ticket_id":"35436","detail":{"status":"open"}}',
        )
    )


def rate(callers: int, seconds: float, work: Callable[[int], int]) -> float:
    """Return how much of ``work`` many callers do in a second."""
    done = [0] * callers
    ends = time.monotonic() + seconds

    def call(caller: int) -> None:
        while time.monotonic() < ends:
            done[caller] += work(caller)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def publishing(client: SidecarClient) -> Callable[[int], int]:
    """Return work that publishes one event."""

    def work(caller: int) -> int:
        client.events.PublishEvent(event(caller))
        return 1

    return work


def delivering(client: SidecarClient) -> Callable[[int], int]:
    """Return work that leases a few events and completes each."""
    request = pb.LeaseEventsRequest(subscriber="zendesk", max_events=10)

    def work(_caller: int) -> int:
        leases = client.events.LeaseEvents(request).leases
        for item in leases:
            client.events.CompleteEvent(
                pb.CompleteEventRequest(
                    delivery_id=item.delivery_id, lease_token=item.lease_token
                )
            )
        return len(leases)

    return work


def waking(client: SidecarClient, rounds: int) -> float:
    """Return the median of seconds from publishing until a waiting worker has it."""
    taken = []
    complete = delivering(client)
    while complete(0):
        pass
    for _ in range(rounds):
        got: list[float] = []

        def wait(found: list[float] = got) -> None:
            request = pb.LeaseEventsRequest(
                subscriber="zendesk", wait=Duration(seconds=5)
            )
            for item in client.events.LeaseEvents(request).leases:
                found.append(time.perf_counter())
                client.events.CompleteEvent(
                    pb.CompleteEventRequest(
                        delivery_id=item.delivery_id, lease_token=item.lease_token
                    )
                )

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.1)
        began = time.perf_counter()
        client.events.PublishEvent(event(1))
        thread.join()
        taken.append(got[0] - began)
    return sorted(taken)[len(taken) // 2]


def measure(folder: Path, seconds: float) -> dict[str, Any]:
    """Start a sidecar and measure everything in turn."""
    sidecar = SidecarProcess(
        folder / "data",
        DESKSIDE_EMBEDDER="none",
        DESKSIDE_KEY_CALLS_PER_MINUTE="1000000",
    )
    sidecar.start()
    sidecar.wait_until_serving()
    figures: dict[str, list[float]] = {}
    with sidecar.client() as client:
        for _ in range(ROUNDS):
            bare = bare_commits(folder, seconds)
            figures.setdefault("bare commits/s", []).append(bare)
            for callers in PUBLISHERS:
                found = rate(callers, seconds, publishing(client))
                figures.setdefault(f"published/s, {callers}", []).append(found)
        delivered = rate(4, seconds, delivering(client))
        woken = waking(client, 10)
    sidecar.stop()
    medians = {name: sorted(values)[1] for name, values in figures.items()}
    share = medians["published/s, 16"] / medians["bare commits/s"]
    return {
        "machine": machine(),
        **{name: round(value, 1) for name, value in medians.items()},
        "leased and completed/s, 4": round(delivered, 1),
        "publish until a waiting worker has it, p50 ms": round(woken * 1e3, 1),
        "share of bare commits, 16 publishers": round(share, 3),
        "load after": round(os.getloadavg()[0], 2),
        "limits": at_least(
            {
                "events published, share of the database's own commits": (
                    round(share, 2),
                    ALLOWED_SHARE,
                )
            }
        ),
    }


def main() -> int:
    """Measure and show."""
    given = parser(__doc__)
    given.add_argument("--seconds", type=float, default=3.0, help="of each turn")
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return publish(measure(Path(folder), options.seconds), options.json)


if __name__ == "__main__":
    raise SystemExit(main())
