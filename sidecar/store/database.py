"""Engines: how each kind of database is opened, and what its failures mean."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sidecar.errors import Misconfigured, Reason, TryAgain
from sidecar.store.sqlite_engine import sqlite_engine

LOCK_SECONDS = 5
"""How long a transaction waits for another one's lock."""

_SETTING = "DESKSIDE_DATABASE_URL"
# What a burst of calls needs at once on a small machine; the pools grow beyond it.
_WARM_CONNECTIONS = 8
_TRANSIENT_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
}
# mysql.com, "Server Error Message Reference" and "Client Error Message Reference":
# too many connections, shutdown, disk full, table full, lock wait, deadlock, access
# lost in a failover, read only, gone away, lost connection, refused, cut in packets.
_TRANSIENT_MYSQL = {
    *(1021, 1040, 1041, 1053, 1077, 1078, 1079, 1114, 1152, 1159, 1161, 1203),
    *(1205, 1213, 1226, 1290, 1836, 1927, 3024, 3101, 4031),
    *(2002, 2003, 2006, 2012, 2013, 2014, 2055),
}
_READ_ONLY_MYSQL = 1792
DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
"""Codes of a file that waiting and trying again do not mend."""

_REFUSED_MYSQL = {
    1044: "the server does not let this user use this database",
    1045: "the server refuses this user or password",
    1049: "the server has no database of this name",
    1698: "the server refuses this user or password",
}


@dataclass(frozen=True, slots=True)
class Engines:
    """Two pools on one database: its writers and its readers."""

    writer: Engine
    reader: Engine

    def warm_up(self, size: int) -> None:
        """Open up to ``size`` connections of each pool, one after another."""
        for engine in (self.writer, self.reader):
            with ExitStack() as held:
                for _ in range(min(size, _WARM_CONNECTIONS)):
                    held.enter_context(engine.connect())

    def dispose(self, close: bool = True) -> None:
        """Forget all connections; a forked child must not ``close`` its parent's."""
        self.writer.dispose(close=close)
        self.reader.dispose(close=close)


def parse(url: str) -> URL:
    """Return the address in the form the drivers need; raises ``Misconfigured``."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misconfigured(
            f"{_SETTING} is not a database address: write it as"
            " sqlite:////srv/deskside/deskside.db or"
            " mysql+pymysql://user:password@host:3306/deskside"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise Misconfigured(f"{_SETTING} must name a file: sqlite:///path/to/file")
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.get_backend_name() in ("mysql", "mariadb"):
        if not parsed.database:
            raise Misconfigured(f"{_SETTING} must name a database: …host:3306/name")
        # The mariadb dialect ignores the tables' mysql_* options.
        named = parsed.set(drivername="mysql+pymysql")
        return named.update_query_dict({"charset": "utf8mb4"})
    raise Misconfigured(f"{_SETTING} must begin with sqlite:/// or mysql+pymysql://")


def open_engines(url: URL, threads: int) -> Engines:
    """Build the pools; nothing is connected before the first use."""
    if url.get_backend_name() == "sqlite":
        prepare_file(url)
        # One writer at a time is all that SQLite has.
        return Engines(
            sqlite_engine(url, 1, writing=True, patience=LOCK_SECONDS),
            sqlite_engine(url, threads, writing=False, patience=LOCK_SECONDS),
        )
    return Engines(_mysql(url, threads, writing=True), _mysql(url, threads, False))


def open_for_migration(url: URL) -> Engine:
    """Build an engine that waits as long as changing the schema takes."""
    if url.get_backend_name() == "sqlite":
        prepare_file(url)
        return sqlite_engine(url, 1, writing=True, patience=120)
    return _mysql(url, 1, writing=True, patience=3600)


def prepare_file(url: URL) -> None:
    """Create the folder and the file, readable by their owner only."""
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        said = f"{_SETTING}: {path} cannot be opened for writing ({error.strerror})"
        raise Misconfigured(said) from None


def _mysql(
    url: URL, size: int, writing: bool, patience: float = LOCK_SECONDS
) -> Engine:
    session = {
        "sql_mode": "'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO'",
        "time_zone": "'+00:00'",
        "innodb_lock_wait_timeout": str(int(patience)),
    }
    # The same statement for both names a server may have for it.
    access = "READ WRITE" if writing else "READ ONLY"
    isolation = "READ COMMITTED" if writing else "REPEATABLE READ"
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS,
        pool_pre_ping=True,
        pool_recycle=600,
        # Those that a burst opened are left alone after it.
        pool_use_lifo=True,
        connect_args={
            "connect_timeout": LOCK_SECONDS,
            "read_timeout": max(30, patience),
            "write_timeout": max(30, patience),
            "init_command": "SET SESSION "
            + ", ".join(f"{name}={value}" for name, value in session.items()),
        },
    )

    def connected(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET SESSION TRANSACTION ISOLATION LEVEL {isolation}, {access}"
            )

    event.listen(engine, "connect", connected)
    return engine


def failure(error: Exception, reading: bool) -> Exception | None:
    """Return what a database's error means, or None when it is a fault of ours.

    The driver's words stay behind: they may repeat values, which may be personal.
    """
    if isinstance(error, PoolTimeout):
        return _unavailable("no connection became free")
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # Extended codes carry the plain one in their low byte (sqlite.org/rescode).
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if reading and code == sqlite3.SQLITE_READONLY:
            return RuntimeError("writing in a reading transaction")
        return _unavailable(f"SQLite {code}") if code in _TRANSIENT_SQLITE else None
    code = cause.args[0] if cause is not None and cause.args else 0
    if reading and code == _READ_ONLY_MYSQL:
        return RuntimeError("writing in a reading transaction")
    if error.connection_invalidated or code in _TRANSIENT_MYSQL or code == 0:
        return _unavailable(f"MySQL {code}")
    return None


def refusal(error: Exception) -> Misconfigured | None:
    """Return what is wrong with the setting, if waiting cannot help; for the start."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in DAMAGED:
        return Misconfigured(
            f"{_SETTING}: the file is not a SQLite database, or it is damaged. Put"
            " back a backup of it"
        )
    said = _REFUSED_MYSQL.get(cause.args[0]) if cause and cause.args else None
    return Misconfigured(f"{_SETTING}: {said}") if said else None


def _unavailable(detail: str) -> TryAgain:
    return TryAgain(Reason.DATABASE_UNAVAILABLE, timedelta(seconds=1), detail)
