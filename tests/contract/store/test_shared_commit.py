"""Writers of one process share a commit: fewer waits for the disk, the same promise."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from sidecar.store import shared_commit
from sidecar.store.database import open_engines, parse
from sidecar.store.shared_commit import SharedCommit

WRITERS = 6
FULL, NORMAL = 2, 1
Write = Callable[[Connection], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database whose ``rows.needs`` is checked at the commit and not before."""
    path = tmp_path / "shared.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE parents (id INTEGER PRIMARY KEY);"
            "CREATE TABLE rows (id INTEGER PRIMARY KEY, needs INTEGER"
            " REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    connection.close()
    return path


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    """The engine of the file's writers."""
    engines = open_engines(parse(f"sqlite:///{file}"), 2)
    yield engines.writer
    engines.dispose()


def stored(file: Path) -> set[int]:
    """Return what somebody else sees of the rows."""
    connection = sqlite3.connect(file)
    try:
        return {number for (number,) in connection.execute("SELECT id FROM rows")}
    finally:
        connection.close()


def insert(number: int) -> Write:
    """Return what writes one row."""
    statement = f"INSERT INTO rows (id) VALUES ({number})"
    return lambda connection: _run(connection, statement)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def queued(
    shared: SharedCommit, first: Write, others: list[Write], durable: bool = True
) -> list[Future[None]]:
    """Let the others wait in this order before ``first`` writes."""

    def write(body: Write, is_durable: bool) -> None:
        with shared.writing(is_durable) as connection:
            body(connection)

    started, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        started.set()
        assert go_on.wait(10)
        first(connection)

    with ThreadPoolExecutor(len(others) + 1) as pool:
        done = [pool.submit(write, slow, durable)]
        assert started.wait(10)
        for place, body in enumerate(others, 1):
            done.append(pool.submit(write, body, True))
            while len(shared._queue) < place:
                time.sleep(0.001)
        go_on.set()
    return done


def test_writers_that_wait_share_one_commit(
    engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who queue behind a writer are committed together with it."""
    # However slow this machine is just now.
    monkeypatch.setattr(shared_commit, "_LONGEST_SECONDS", 60.0)
    commits: list[Connection] = []
    event.listen(engine, "commit", commits.append)
    rest = [insert(number) for number in range(1, WRITERS)]
    for done in queued(SharedCommit(engine), insert(0), rest):
        done.result()
    assert stored(file) == set(range(WRITERS))
    assert len(commits) == 1


def test_a_failing_writer_takes_back_only_its_own(engine: Engine, file: Path) -> None:
    """First, middle or last: the others' rows stay and only it hears of it."""
    for bad in range(3):

        def fail(connection: Connection) -> None:
            insert(50)(connection)
            raise ZeroDivisionError

        bodies = [insert(10 * bad + place + 100) for place in range(3)]
        bodies[bad] = fail
        done = queued(SharedCommit(engine), bodies[0], bodies[1:])
        assert [type(one.exception()) for one in done] == [
            ZeroDivisionError if place == bad else type(None) for place in range(3)
        ]
    assert len(stored(file)) == 6
    assert 50 not in stored(file)


def test_a_commit_that_fails_fails_all_who_share_it(engine: Engine, file: Path) -> None:
    """Nobody is told that something is stored which is not."""
    shared = SharedCommit(engine)

    def orphan(connection: Connection) -> None:
        _run(connection, "INSERT INTO rows VALUES (7, 999)")

    done = queued(shared, insert(1), [orphan, insert(2)])
    assert [type(one.exception()) for one in done] == [IntegrityError] * 3
    assert stored(file) == set()
    with shared.writing(durable=True) as connection:
        insert(3)(connection)
    assert stored(file) == {3}


def test_a_durable_writer_never_shares_a_commit_that_is_not(engine: Engine) -> None:
    """Behind a writer that may lose its commit, a durable one begins anew."""
    levels: list[int] = []

    def look(connection: Connection) -> None:
        levels.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    for done in queued(SharedCommit(engine), look, [look, look], durable=False):
        done.result()
    assert levels == [NORMAL, FULL, FULL]


def test_nobody_goes_on_before_the_commit(engine: Engine, file: Path) -> None:
    """Whoever leaves its transaction finds its row with other eyes."""
    shared = SharedCommit(engine)
    missed: list[int] = []

    def write(number: int) -> None:
        with suppress(ZeroDivisionError), shared.writing(durable=True) as connection:
            insert(number)(connection)
            if number % 5 == 0:
                raise ZeroDivisionError
        if (number in stored(file)) is (number % 5 == 0):
            missed.append(number)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write, number) for number in range(200)]:
            done.result()
    assert missed == []
    assert len(stored(file)) == 160
