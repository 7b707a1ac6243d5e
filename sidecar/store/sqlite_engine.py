"""The SQLite engine: its settings, and when a transaction takes the lock."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import ConnectionPoolEntry

_DRIVER = "deskside"
_PATIENCE = "seconds to wait for the lock"


class Dialect(SQLiteDialect_pysqlite):
    """SQLite with a BEGIN of ours.

    A listener for "begin" would do the same, but an engine with one announces every
    statement to its listeners as well, though nobody listens.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin to read, or take the lock for writing."""
        patience = dbapi_connection.info.get(_PATIENCE)
        if patience is None:
            dbapi_connection.cursor().execute("BEGIN")
        else:
            _begin_writing(dbapi_connection, patience)


registry.register(f"sqlite.{_DRIVER}", __name__, Dialect.__name__)


def sqlite_engine(url: URL, size: int, *, writing: bool, patience: float) -> Engine:
    """Build a pool of ``size`` connections that write, or that can only read.

    ``patience`` is how many seconds a transaction waits for the lock, and a caller
    for a connection.
    """
    engine = create_engine(
        url.set(drivername=f"sqlite+{_DRIVER}"),
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        pool_reset_on_return="rollback",
        # The few connections that are needed stay warm, the others small.
        pool_use_lifo=True,
        connect_args={
            "timeout": patience,
            "check_same_thread": False,
            # BEGIN is ours: the driver's own would take the write lock too late.
            "isolation_level": None,
        },
    )

    def connected(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        if writing:
            record.info[_PATIENCE] = patience
            connection.execute("PRAGMA synchronous=FULL")
            # From here on waiting is ours: see _begin_writing.
            connection.execute("PRAGMA busy_timeout=0")
        else:
            connection.execute("PRAGMA query_only=ON")
            # A process may have sixteen of these; the system's own cache of the
            # file, which all share, does the rest.
            connection.execute("PRAGMA cache_size=-500")

    event.listen(engine, "connect", connected)
    return engine


def _begin_writing(connection: Any, patience: float) -> None:
    """Take SQLite's write lock, or raise its error after ``patience`` seconds.

    SQLite's own busy handler sleeps up to 100 ms between tries, which leaves the lock
    idle and the unlucky ones waiting for seconds; short pauses of random length do not.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.cursor().execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - only a pause
        else:
            return
