"""Processes and servers killed at any moment: nothing acknowledged is ever missing."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from sidecar.clock import SystemClock
from sidecar.errors import TryAgain
from sidecar.store.sql import SqlStore
from tests.contract.store import children
from tests.servers import start_mariadb

W = children.W
pytestmark = pytest.mark.slow


def storm(url: str, kills: int, longest: float) -> list[Any]:
    """Kill a writing child ``kills`` times; return all that was acknowledged."""
    acknowledged: list[Any] = []
    for number in range(kills):
        child, end = children.start(children.keep_ledger, url, f"k{number}")
        end.poll(20)
        time.sleep(random.uniform(0, longest))
        assert child.pid
        child.kill()
        child.join(20)
        assert child.exitcode == -signal.SIGKILL
        acknowledged += children.received(end)
    return acknowledged


def missing(store: SqlStore, acknowledged: list[Any]) -> list[Any]:
    """Return what was acknowledged and is not wholly there."""
    lost = []
    with store.reading() as tx:
        ids = [ticket_id for ticket_id, _, _ in acknowledged]
        tickets = tx.tickets.get_many(W, ids)
        for ticket_id, event_id, body in acknowledged:
            ticket = tickets.get(ticket_id)
            whole = ticket is not None and [m.body for m in ticket.messages] == [body]
            if not (whole and tx.classifications.latest(W, ticket_id)):
                lost.append((ticket_id, event_id, body))
    return lost


def test_sqlite_keeps_what_it_acknowledged_over_forty_kills(tmp_path: Path) -> None:
    """Kill -9 at random moments: the file opens, is sound, and has everything."""
    file = tmp_path / "deskside.db"
    url = f"sqlite:///{file}"
    store = SqlStore(url, SystemClock())
    store.prepare()
    acknowledged = storm(url, kills=40, longest=0.12)
    assert len(acknowledged) > 100
    assert missing(store, acknowledged) == []
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        # No half transaction either: each ticket came with decision and event.
        counts = {
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("tickets", "messages", "classifications", "events")
        }
    connection.close()
    print(f"acknowledged={len(acknowledged)} stored={counts} kills=40 missing=0")
    assert len(counts) == 1


def test_mariadb_keeps_what_it_acknowledged_over_fifteen_kills(
    mariadb_url: str,
) -> None:
    """The same with a server: a killed client leaves whole transactions only."""
    store = SqlStore(mariadb_url, SystemClock())
    store.prepare()
    acknowledged = storm(mariadb_url, kills=15, longest=0.2)
    print(f"acknowledged={len(acknowledged)} kills=15")
    assert len(acknowledged) > 50
    assert missing(store, acknowledged) == []
    store.close()


def test_a_killed_server_loses_nothing_acknowledged() -> None:
    """B06: kill -9 of MariaDB itself under load; clients are told, then go on."""
    server = start_mariadb()
    try:
        with server.database() as url:
            store = SqlStore(url, SystemClock())
            store.prepare()
            acknowledged: list[Any] = []
            for number in range(3):
                child, end = children.start(children.keep_ledger, url, f"s{number}")
                assert end.poll(20)
                time.sleep(random.uniform(0.1, 0.5))
                server.kill()
                refused = _refusal(store)
                server.start()
                time.sleep(0.3)
                child.kill()
                child.join(20)
                acknowledged += children.received(end)
                assert refused < 12
                store.ping()
            assert len(acknowledged) > 20
            assert missing(store, acknowledged) == []
            print(f"acknowledged={len(acknowledged)} server kills=3")
            store.close()
    finally:
        server.stop()
    assert make_url(url).port == server.port


def _refusal(store: SqlStore) -> float:
    started = time.monotonic()
    try:
        store.ping()
    except TryAgain:
        return time.monotonic() - started
    raise AssertionError("a dead server answered")
