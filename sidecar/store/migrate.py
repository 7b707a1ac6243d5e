"""Bringing a database to this version's schema, once, whoever starts first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Engine, inspect, text

from sidecar.errors import Misconfigured
from sidecar.store.database import open_for_migration

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0059"
"""The newest revision; a test keeps it equal to the newest file."""

_LOCK_SECONDS = 600


def upgrade(url: URL, target: str = HEAD) -> None:
    """Bring the schema to ``target``; does nothing, quickly, when it is there.

    Raises ``Misconfigured`` when a newer version of Deskside wrote the database.
    """
    engine = open_for_migration(url)
    try:
        with engine.connect() as connection:
            if current(connection) == target:
                return
        with _alone(engine) as connection:
            if current(connection) != target:
                _run(connection, target)
    finally:
        engine.dispose()


def downgrade(url: URL, target: str) -> None:
    """Take the schema back to ``target``, 'base' for nothing; data is lost."""
    engine = open_for_migration(url)
    try:
        with _alone(engine) as connection:
            _run(connection, target, down=True)
    finally:
        engine.dispose()


def current(connection: Connection) -> str | None:
    """Return the revision of the database, None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    revision: str | None = found.scalar()
    return revision


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Give a connection while no other process changes the schema."""
    if engine.dialect.name == "sqlite":
        # DDL is transactional there: the whole way is one step, done or not.
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        # The lock's name is the server's: two databases must not share it.
        name = hashlib.sha256((engine.url.database or "").encode()).hexdigest()[:32]
        lock = {"name": f"deskside-{name}", "wait": _LOCK_SECONDS}
        got = connection.execute(text("SELECT GET_LOCK(:name, :wait)"), lock).scalar()
        connection.commit()
        if got != 1:
            raise Misconfigured("another process has been migrating for ten minutes")
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("DO RELEASE_LOCK(:name)"), lock)


def _run(connection: Connection, target: str, down: bool = False) -> None:
    # Imported late: a third of a second that only a changed schema has to pay.
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config(connection)
    known = {
        step.revision for step in ScriptDirectory.from_config(config).walk_revisions()
    }
    found = current(connection)
    if connection.dialect.name != "sqlite":
        connection.rollback()
    if found is not None and found not in known:
        raise Misconfigured(
            f"the database is at revision {found}, which this version does not "
            "know: it was written by a newer Deskside. Start that version, or restore "
            "a backup."
        )
    if down:
        command.downgrade(config, target)
    else:
        command.upgrade(config, target)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["commit_each"] = connection.dialect.name != "sqlite"
    return config
