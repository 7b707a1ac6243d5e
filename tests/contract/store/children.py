"""What child processes do to a store until they end or are killed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

from sidecar.clock import SystemClock
from sidecar.errors import DesksideError, ReadAgain, TryAgain
from sidecar.store import migrate
from sidecar.store.database import parse
from sidecar.store.port import RequestKey
from sidecar.store.sql import SqlStore
from tests.contract.store import samples

W = "acme"


def start(
    work: Callable[..., None], *given: Any
) -> tuple[ForkServerProcess, Connection]:
    """Start a child within milliseconds; return it and the end it reports to."""
    context: ForkServerContext = multiprocessing.get_context("forkserver")
    # The server has imported everything once; children are forks of it.
    context.set_forkserver_preload([__name__, "alembic.command", "pymysql"])
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(*given, theirs), daemon=True)
    child.start()
    theirs.close()
    return child, ours


def received(end: Connection) -> list[Any]:
    """Return everything a child, dead by now, has reported."""
    reports = []
    try:
        while True:
            reports.append(end.recv())
    except (EOFError, OSError):
        # Killed while reporting: what is not wholly said was not acknowledged.
        return reports
    finally:
        end.close()


def keep_ledger(url: str, name: str, out: Connection) -> None:
    """Commit for ever; report each id after its commit, and only then."""
    store = SqlStore(url, SystemClock())
    for number in range(1_000_000):
        try:
            with store.transaction(durable=number % 2 == 0) as tx:
                body = f"{name} {number}"
                sent = samples.ticket(
                    f"{name}-{number}", messages=(samples.message(body=body),)
                )
                ticket = tx.tickets.upsert(W, sent)
                tx.classifications.add(W, samples.classification(ticket.id))
                event = tx.events.add(W, samples.event(), ["slack"])
        except TryAgain:
            # The database is away, or another writer was longer: not acknowledged.
            continue
        out.send((ticket.id, event, body))


def claim_all(url: str, count: int, out: Connection) -> None:
    """Try to claim the same requests as everybody; report those that were won."""
    store = SqlStore(url, SystemClock())
    out.send(None)
    for number in range(count):
        key = RequestKey(W, "Classify", f"r{number}", "d")
        while True:
            try:
                with store.transaction(durable=False) as tx:
                    tx.requests.begin(key, timedelta(minutes=5))
            except ReadAgain:
                break
            except TryAgain:
                continue
            out.send(number)
            break
    out.close()


def migrate_up(url: str, out: Connection) -> None:
    """Bring the schema up to date; report '' or what went wrong."""
    out.send(os.getpid())
    try:
        migrate.upgrade(parse(url))
    except DesksideError as error:
        out.send(repr(error))
    out.send("done")


def fork_and_write(url: str, out: Connection) -> None:
    """Use a store, fork, and use it again on both sides."""
    store = SqlStore(url, SystemClock())
    with store.transaction() as tx:
        tx.events.add(W, samples.event(), [])
    child = os.fork()
    for number in range(20):
        with store.transaction(durable=False) as tx:
            tx.policies.put(W, f"{child == 0}-{number}", "{}", "")
        with store.reading() as tx:
            assert tx.policies.get(W, f"{child == 0}-{number}")
    if child == 0:
        os._exit(0)
    _, status = os.waitpid(child, 0)
    out.send(status)
