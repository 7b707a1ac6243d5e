"""Full disks, locks, lost servers: said clearly, nothing half done, and it recovers."""

from __future__ import annotations

import resource
import signal
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest
from sqlalchemy import make_url, text

from sidecar.clock import FixedClock
from sidecar.errors import Misconfigured, Reason, TryAgain
from sidecar.store.database import LOCK_SECONDS
from sidecar.store.sql import SqlStore
from tests.contract.store import samples
from tests.contract.store.conftest import START
from tests.servers import DatabaseServer, free_port

W = "acme"
EVENT = samples.event()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a SQLite store."""
    return tmp_path / "data" / "deskside.db"


@pytest.fixture
def embedded(file: Path) -> Iterator[SqlStore]:
    """A SQLite store in a file of its own."""
    store = SqlStore(f"sqlite:///{file}", FixedClock(START))
    store.prepare()
    yield store
    store.close()


def test_an_exception_takes_everything_back(store: SqlStore) -> None:
    """What was written before the failure is gone, and the store goes on."""

    def fail_late() -> None:
        with store.transaction() as tx:
            tx.tickets.upsert(W, samples.ticket())
            tx.policies.put(W, "a", "{}", "")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with store.transaction() as tx:
        assert tx.tickets.find(W, "zendesk", "1") is None
        assert tx.policies.put(W, "a", "{}", "")


def test_writing_while_reading_is_refused(store: SqlStore) -> None:
    """A reading transaction cannot write, by the database's own word."""
    with (
        pytest.raises(RuntimeError, match="writing in a reading transaction"),
        store.reading() as tx,
    ):
        tx.events.add(W, EVENT, [])
    with store.transaction() as tx:
        assert tx.events.add(W, EVENT, [])


def test_reading_sees_one_moment(store: SqlStore) -> None:
    """What is committed during a reading transaction is not in it."""
    with store.reading() as reading:
        assert reading.policies.get(W, "a") is None
        with store.transaction() as tx:
            tx.policies.put(W, "a", "{}", "")
        assert reading.policies.get(W, "a") is None
    with store.reading() as reading:
        assert reading.policies.get(W, "a") is not None


def test_a_transaction_within_a_transaction_is_a_mistake_said_at_once(
    embedded: SqlStore,
) -> None:
    """A writer that waits for itself is told, not hung."""
    with (
        embedded.transaction(),
        pytest.raises(RuntimeError),
        embedded.transaction(),
    ):
        pass
    with embedded.transaction() as tx:
        assert tx.events.add(W, EVENT, [])


def test_the_file_belongs_to_its_owner_alone(embedded: SqlStore, file: Path) -> None:
    """Customers' words are on the disk: nobody else may read them."""
    with embedded.transaction() as tx:
        tx.events.add(W, EVENT, [])
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    for part in file.parent.iterdir():
        assert stat.S_IMODE(part.stat().st_mode) & 0o077 == 0, part


def test_sqlite_runs_as_promised(embedded: SqlStore) -> None:
    """Write-ahead log, full flush unless told otherwise, foreign keys on."""
    asked = ("journal_mode", "synchronous", "foreign_keys")
    found = []
    for durable in (True, False, True):
        with embedded.transaction(durable=durable) as tx:
            connection = tx._context.connection
            answers = [connection.execute(text(f"PRAGMA {name}")) for name in asked]
            found.append([answer.scalar() for answer in answers])
    assert found == [["wal", 2, 1], ["wal", 1, 1], ["wal", 2, 1]]


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let the kernel refuse to write any file beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_is_said_and_survived(embedded: SqlStore, file: Path) -> None:
    """B09: writers are told to try again, readers go on, and space heals it."""
    body = samples.message(body="x" * 20_000)
    kept: list[str] = []

    def fill(start: int, count: int) -> None:
        for number in range(start, start + count):
            with embedded.transaction() as tx:
                sent = samples.ticket(str(number), messages=(body,))
                stored = tx.tickets.upsert(W, sent)
            kept.append(stored.id)

    fill(0, 3)
    log = file.with_name(file.name + "-wal").stat().st_size
    with no_file_beyond(log + 100_000):
        with pytest.raises(TryAgain) as refused:
            fill(100, 200)
        assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
        with pytest.raises(TryAgain):
            fill(300, 1)
        with embedded.reading() as tx:
            assert len(tx.tickets.get_many(W, kept)) == len(kept)
    fill(400, 3)
    with embedded.reading() as tx:
        found = tx.tickets.get_many(W, kept)
    assert len(kept) > 6
    assert len(found) == len(kept)
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_of_limited_pages_is_full_too(embedded: SqlStore) -> None:
    """SQLITE_FULL, the database's own word for it, means the same."""
    with embedded.transaction() as tx:
        tx._context.connection.execute(text("PRAGMA max_page_count=1"))
    big = samples.message(body="x" * 200_000)
    with pytest.raises(TryAgain), embedded.transaction() as tx:
        tx.tickets.upsert(W, samples.ticket(messages=(big,)))
    with embedded.transaction() as tx:
        tx._context.connection.execute(text("PRAGMA max_page_count=100000"))
        assert tx.tickets.find(W, "zendesk", "1") is None
        tx.tickets.upsert(W, samples.ticket(messages=(big,)))


@pytest.mark.slow
def test_a_lock_held_elsewhere_is_waited_for_and_then_said(
    embedded: SqlStore, file: Path
) -> None:
    """B10: a short lock is waited out, a long one answered; no partial row."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.5, other.execute, ("COMMIT",))
    release.start()
    with embedded.transaction() as tx:
        tx.policies.put(W, "waited", "{}", "")
    release.join()
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(TryAgain) as refused, embedded.transaction() as tx:
        tx.policies.put(W, "refused", "{}", "")
    waited = time.monotonic() - started
    with embedded.reading() as tx:
        assert tx.policies.get(W, "refused") is None
    other.execute("ROLLBACK")
    other.close()
    assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
    assert LOCK_SECONDS - 1 < waited < LOCK_SECONDS + 2
    with embedded.transaction() as tx:
        assert tx.policies.put(W, "refused", "{}", "")


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:p@127.0.0.1/x",
        "mysql+pymysql://u:p@127.0.0.1",
    ],
)
def test_an_impossible_address_names_the_setting(address: str) -> None:
    """The message says what to set, and never repeats the password."""
    with pytest.raises(Misconfigured, match="DESKSIDE_DATABASE_URL") as refused:
        SqlStore(address, FixedClock(START))
    assert "u:p" not in str(refused.value)


def test_a_file_that_cannot_be_written_is_misconfigured(tmp_path: Path) -> None:
    """A path below a file is refused with the setting's name."""
    (tmp_path / "file").write_text("")
    store = SqlStore(f"sqlite:///{tmp_path}/file/deskside.db", FixedClock(START))
    with pytest.raises(Misconfigured, match="DESKSIDE_DATABASE_URL"):
        store.prepare()


def test_a_file_of_another_kind_is_misconfigured(tmp_path: Path) -> None:
    """Something else under the name is not overwritten but said."""
    file = tmp_path / "holiday.db"
    file.write_text("a photograph, perhaps" * 100)
    with pytest.raises(Misconfigured, match="not a SQLite database"):
        SqlStore(f"sqlite:///{file}", FixedClock(START)).prepare()
    assert file.read_text() == "a photograph, perhaps" * 100


def test_a_server_that_refuses_us_is_misconfigured(
    server: tuple[DatabaseServer, SqlStore],
) -> None:
    """A wrong password or name is said at the start, without the password."""
    url = make_url(server[1]._url)
    for wrong in (url.set(password="not-this"), url.set(database="nowhere")):
        shown = wrong.render_as_string(hide_password=False)
        with pytest.raises(Misconfigured, match="DESKSIDE_DATABASE_URL") as refused:
            SqlStore(shown, FixedClock(START)).prepare()
        assert "not-this" not in str(refused.value)


def test_a_server_that_is_not_there_is_said_soon() -> None:
    """No listener: every entrance answers TryAgain within the connect timeout."""
    url = f"mysql+pymysql://u:p@127.0.0.1:{free_port()}/x"
    store = SqlStore(url, FixedClock(START))
    started = time.monotonic()
    for attempt in (
        store.ping,
        store.prepare,
        store.warm_up,
        lambda: store.reading().__enter__(),
        lambda: store.transaction().__enter__(),
    ):
        with pytest.raises(TryAgain) as refused:
            attempt()
        assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
    assert time.monotonic() - started < LOCK_SECONDS


def test_a_cut_connection_is_said_and_replaced(
    server: tuple[DatabaseServer, SqlStore],
) -> None:
    """B11: a connection killed in the middle is TryAgain; the next one is new."""
    _, store = server

    def cut() -> None:
        with store.transaction() as tx:
            tx.policies.put(W, "a", "{}", "")
            connection = tx._context.connection
            own = connection.execute(text("SELECT CONNECTION_ID()")).scalar()
            with pymysql.connect(**_address(store)) as other, other.cursor() as cursor:
                cursor.execute(f"KILL {own}")
            tx.policies.put(W, "b", "{}", "")

    with pytest.raises(TryAgain) as refused:
        cut()
    assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
    with store.transaction() as tx:
        assert tx.policies.get(W, "a") is None
        assert tx.policies.put(W, "a", "{}", "")


def _address(store: SqlStore) -> dict[str, Any]:
    url = make_url(store._url)
    return {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "database": url.database,
        "autocommit": True,
    }


def test_a_deadlock_is_said_to_one_and_spares_the_other(
    server: tuple[DatabaseServer, SqlStore],
) -> None:
    """B11: two writers in opposite order; the loser may simply repeat."""
    _, store = server
    with store.transaction() as tx:
        etags = {name: tx.policies.put(W, name, "0", "").etag for name in ("a", "b")}
    barrier = threading.Barrier(2)

    def both(order: str) -> str:
        try:
            with store.transaction() as tx:
                tx.policies.put(W, order[0], order, etags[order[0]])
                barrier.wait(10)
                tx.policies.put(W, order[1], order, etags[order[1]])
        except TryAgain:
            return ""
        return order

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(both, ("ab", "ba")))
    winner = [name for name in results if name]
    assert len(winner) == 1
    with store.reading() as tx:
        stored = [tx.policies.get(W, name) for name in ("a", "b")]
    assert [policy.value for policy in stored if policy] == winner * 2


def test_an_error_of_the_database_repeats_no_values(
    server: tuple[DatabaseServer, SqlStore],
) -> None:
    """A duplicate's message would name the person: it goes nowhere."""
    _, store = server
    member = samples.member(W, email="secret.person@example.com")
    with store.transaction() as tx:
        tx.access.add_member(member, "")
        with pytest.raises(Exception, match="members") as refused:
            tx.access.add_member(member, "")
    assert "secret.person" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
