"""The SQLite file of the embedded index: connections, transactions, tables."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sidecar.errors import Misconfigured, Reason, TryAgain
from sidecar.index.port import EntryKind

FILE_NAME = "index.db"
SCHEMA_VERSION = 1
LOCK_WAIT_SECONDS = 5.0
_RETRY_AFTER = timedelta(seconds=2)

# A partition is what one search looks at: a workspace and a kind. It has its own
# word index, so that no workspace's words weigh in another's scores.
# A slot is a row of the matrix of vectors: given in rising order, never given twice
# within an epoch; ``dead`` lists those whose entry is gone. Compaction starts an
# epoch. ``generation`` counts the writes: who has seen it has seen them all.
_TABLES = """
CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    kind TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 1,
    next_slot INTEGER NOT NULL DEFAULT 0,
    UNIQUE (workspace, kind)
);
CREATE TABLE IF NOT EXISTS models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    UNIQUE (name, dimensions)
);
CREATE TABLE IF NOT EXISTS entries (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    partition INTEGER NOT NULL REFERENCES partitions (id),
    slot INTEGER NOT NULL,
    entry_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    public INTEGER NOT NULL,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    tags TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    updated_at TEXT,
    model INTEGER REFERENCES models (id),
    UNIQUE (partition, entry_id)
);
CREATE INDEX IF NOT EXISTS entries_by_group ON entries (partition, group_id);
CREATE INDEX IF NOT EXISTS entries_by_slot ON entries (partition, slot);
CREATE TABLE IF NOT EXISTS bodies (
    row INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS vectors (
    row INTEGER PRIMARY KEY,
    vector BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS dead (
    partition INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    PRIMARY KEY (partition, generation, slot)
) WITHOUT ROWID;
"""

_WORDS = """
CREATE VIRTUAL TABLE words_{id} USING fts5(
    title, text, content='bodies', content_rowid='row',
    tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO words_{id} (words_{id}, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
CREATE VIRTUAL TABLE vocabulary_{id} USING fts5vocab(words_{id}, row);
"""


@dataclass(frozen=True, slots=True)
class Partition:
    """The state of one workspace and kind within a transaction."""

    id: int
    generation: int
    epoch: int
    next_slot: int


class Database:
    """A pool of connections; each transaction has one to itself.

    A pool rather than one a thread: a thread that ended would leave its own open.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        # Writers of one process queue here rather than poll the file's lock.
        self._writer = threading.Lock()
        self._create(directory)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection with one consistent state of the whole file."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the one connection that may write; commit at the end, durably."""
        if not self._writer.acquire(timeout=LOCK_WAIT_SECONDS):
            raise unavailable("another thread has been writing for too long")
        try:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._writer.release()

    def close(self) -> None:
        """Close all idle connections; those in use close when they come back."""
        with self._lock:
            self._closed = True
        self.close_idle()

    def close_idle(self) -> None:
        """Close the connections that nobody uses now; new ones are made on demand."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection: sqlite3.Connection | None = None
        try:
            connection = self._take()
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
            self._give_back(connection)
            connection = None
        except (sqlite3.Error, OSError) as error:
            raise unavailable(f"{type(error).__name__}: {error}") from error
        finally:
            if connection is not None:
                # After any failure the connection is not trusted again; closing it
                # rolls back.
                connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise unavailable("the index is closed")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=LOCK_WAIT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = FAST",
                # Per connection, of which sixteen calls at once make sixteen; the
                # system caches the file for all (4,000 was no faster, measured).
                "cache_size = -500",
                "journal_size_limit = 67108864",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _create(self, directory: Path) -> None:
        remedy = (
            f"the index in {directory} cannot be used: stop Deskside, delete that "
            "folder, start again (nothing is lost, it is built anew by itself)"
        )
        try:
            # It holds what customers wrote, wherever the data folder stands.
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"{directory} cannot be made: {error}") from error
        try:
            connection = self._connect()
        except sqlite3.OperationalError as error:
            raise unavailable(str(error)) from error
        except sqlite3.DatabaseError as error:
            raise Misconfigured(f"{remedy}: {error}") from error
        try:
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise Misconfigured(f"{remedy}: it has version {version}")
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise unavailable(str(error)) from error
        except sqlite3.DatabaseError as error:
            raise Misconfigured(f"{remedy}: {error}") from error
        finally:
            connection.close()


def unavailable(detail: str) -> TryAgain:
    """Build the one error of an index that cannot answer now."""
    return TryAgain(Reason.INDEX_UNAVAILABLE, _RETRY_AFTER, f"index: {detail}")


def find_partition(
    connection: sqlite3.Connection, workspace: str, kind: EntryKind
) -> Partition | None:
    """Return the partition's state, or None when nothing was ever written to it."""
    found = connection.execute(
        "SELECT id, generation, epoch, next_slot FROM partitions"
        " WHERE workspace = ? AND kind = ?",
        (workspace, kind.value),
    ).fetchone()
    return None if found is None else Partition(*found)


def make_partition(
    connection: sqlite3.Connection, workspace: str, kind: EntryKind
) -> Partition:
    """Return the partition's state, making it and its word index if need be."""
    found = find_partition(connection, workspace, kind)
    if found is not None:
        return found
    identity = connection.execute(
        "INSERT INTO partitions (workspace, kind) VALUES (?, ?) RETURNING id",
        (workspace, kind.value),
    ).fetchone()[0]
    for statement in _WORDS.format(id=identity).split(";"):
        connection.execute(statement)
    return Partition(identity, generation=0, epoch=1, next_slot=0)


def add_model(connection: sqlite3.Connection, name: str, dimensions: int) -> int:
    """Write down a model that is not there yet; return its number."""
    identity: int = connection.execute(
        "INSERT INTO models (name, dimensions) VALUES (?, ?) RETURNING id",
        (name, dimensions),
    ).fetchone()[0]
    return identity


def find_model(
    connection: sqlite3.Connection, name: str, dimensions: int
) -> int | None:
    """Return the number of a model, or None when nothing was written with it."""
    found = connection.execute(
        "SELECT id FROM models WHERE name = ? AND dimensions = ?", (name, dimensions)
    ).fetchone()
    return None if found is None else int(found[0])
