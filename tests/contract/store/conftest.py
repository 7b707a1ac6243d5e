"""One suite for every database: each test gets an empty store and its clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from sidecar.clock import FixedClock
from sidecar.store.database import open_for_migration, parse
from sidecar.store.sql import SqlStore
from sidecar.store.tables import metadata
from tests.servers import DatabaseServer

START = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)
SERVERS = {"mariadb": "mariadb_server", "mysql": "mysql_server"}


@pytest.fixture(scope="session", params=["sqlite", "mariadb", "mysql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database with the newest schema, one for the session."""
    kind = cast("str", request.param)
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('store')}/deskside.db"
        SqlStore(url, FixedClock(START)).prepare()
        yield url
        return
    server = cast("DatabaseServer", request.getfixturevalue(SERVERS[kind]))
    with server.database() as url:
        SqlStore(url, FixedClock(START)).prepare()
        yield url


@pytest.fixture
def url(database: str) -> str:
    """The address of the database, emptied."""
    engine = open_for_migration(parse(database))
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DELETE FROM {table.name}"))
    engine.dispose()
    return database


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock(START)


@pytest.fixture
def store(url: str, clock: FixedClock) -> Iterator[SqlStore]:
    """An empty store."""
    opened = SqlStore(url, clock, threads=16)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "mariadb", "mysql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any schema."""
    kind = cast("str", request.param)
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/fresh.db"
    else:
        yield cast("str", request.getfixturevalue(f"{kind}_url"))


@pytest.fixture(params=["mariadb_server", "mysql_server"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[DatabaseServer, SqlStore]]:
    """A server and a store on it."""
    found: DatabaseServer = request.getfixturevalue(request.param)
    with found.database() as url:
        store = SqlStore(url, FixedClock(START))
        store.prepare()
        yield found, store
        store.close()
