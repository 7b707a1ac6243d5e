"""The schema: one way to it, whoever starts, however often it is interrupted."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from sidecar.clock import SystemClock
from sidecar.errors import Misconfigured
from sidecar.store import migrate
from sidecar.store.database import open_for_migration, parse
from sidecar.store.sql import SqlStore
from sidecar.store.tables import metadata
from tests.contract.store import children, samples

VERSIONS = Path(migrate.__file__).parent / "migrations"


def declarations(connection: Connection) -> dict[str, list[str]]:
    """Return each table as the database itself declares it, lines sorted."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        ).all()
        found = {name: str(sql) for name, sql in rows}
    else:
        found = {}
        for name in inspect(connection).get_table_names():
            shown = connection.execute(text(f"SHOW CREATE TABLE {name}")).one()
            found[name] = str(shown[1])
    found.pop("alembic_version", None)
    return {
        # SQLite writes a column that was added later behind the others, on their line.
        name: sorted(part.strip() for part in re.split(r",|\n", sql) if part.strip())
        for name, sql in found.items()
    }


def schema(url: str) -> dict[str, list[str]]:
    """Return the declarations of a database."""
    engine = open_for_migration(parse(url))
    with engine.connect() as connection:
        found = declarations(connection)
    engine.dispose()
    return found


def revision(url: str) -> str | None:
    """Return the revision of a database."""
    engine = open_for_migration(parse(url))
    with engine.connect() as connection:
        found = migrate.current(connection)
    engine.dispose()
    return found


def test_the_constant_names_the_newest_revision() -> None:
    """A start compares with HEAD instead of loading Alembic: it must be true."""
    script = ScriptDirectory(str(VERSIONS))
    assert script.get_current_head() == migrate.HEAD
    assert script.get_bases() == ["0001"]


def test_every_revision_is_one_step_up_and_one_down() -> None:
    """MySQL commits each statement: a revision of two could be left half done."""
    for file in sorted((VERSIONS / "versions").glob("*.py")):
        up, down = file.read_text().split("def upgrade")[1].split("def downgrade")
        for half in (up, down):
            steps = [
                line
                for line in half.splitlines()
                if line.startswith("    ") and not line.startswith(("     ", "    )"))
            ]
            assert len(steps) == 1, file.name


def test_the_migrated_schema_is_the_declared_one(fresh_url: str) -> None:
    """Alembic finds no difference, and the databases' own declarations agree."""
    migrate.upgrade(parse(fresh_url))
    migrated = schema(fresh_url)
    engine = open_for_migration(parse(fresh_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    migrate.downgrade(parse(fresh_url), "base")
    assert schema(fresh_url) == {}
    metadata.create_all(engine)
    declared = schema(fresh_url)
    metadata.drop_all(engine)
    engine.dispose()
    assert migrated == declared


def test_up_down_up_ends_where_up_ended(fresh_url: str) -> None:
    """The way back leads back, and the way forward is the same again."""
    url = parse(fresh_url)
    migrate.upgrade(url)
    first = schema(fresh_url)
    migrate.downgrade(url, "0015")
    assert revision(fresh_url) == "0015"
    assert schema(fresh_url) != first
    migrate.upgrade(url)
    migrate.downgrade(url, "base")
    assert schema(fresh_url) == {}
    migrate.upgrade(url)
    assert schema(fresh_url) == first
    assert revision(fresh_url) == migrate.HEAD


def test_every_step_can_be_repeated(fresh_url: str) -> None:
    """A step done but not noted, as after kill -9, is noted on the next start."""
    url = parse(fresh_url)
    migrate.upgrade(url)
    first = schema(fresh_url)
    engine = open_for_migration(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    engine.dispose()
    migrate.upgrade(url)
    assert schema(fresh_url) == first
    assert revision(fresh_url) == migrate.HEAD


def test_a_newer_database_is_refused_with_a_clear_word(fresh_url: str) -> None:
    """B18: an older program does not touch what it does not know."""
    url = parse(fresh_url)
    migrate.upgrade(url)
    engine = open_for_migration(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = schema(fresh_url)
    with pytest.raises(Misconfigured, match="newer Deskside"):
        SqlStore(fresh_url, SystemClock()).prepare()
    assert schema(fresh_url) == before
    assert revision(fresh_url) == "9999"


def test_many_processes_starting_at_once_migrate_once(fresh_url: str) -> None:
    """One works, the others wait and find it done."""
    started = [children.start(children.migrate_up, fresh_url) for _ in range(6)]
    for child, end in started:
        assert children.received(end)[1:] == ["done"]
        child.join(60)
        assert child.exitcode == 0
    assert revision(fresh_url) == migrate.HEAD
    with SqlStore(fresh_url, SystemClock()).transaction() as tx:
        assert tx.tickets.upsert("acme", samples.ticket())


def interrupt(url: str, longest: float) -> bool:
    """Start an upgrade and kill it after a moment; say whether it was killed."""
    child, end = children.start(children.migrate_up, url)
    assert end.poll(60)
    child.join(random.uniform(0.001, longest))
    child.kill()
    child.join(20)
    killed = child.exitcode == -signal.SIGKILL
    end.close()
    return killed


def test_sqlite_survives_kills_during_the_upgrade(tmp_path: Path) -> None:
    """B19: killed anywhere, it is all there or nothing, and the next start works."""
    fine = f"sqlite:///{tmp_path}/fine.db"
    migrate.upgrade(parse(fine))
    expected = schema(fine)
    kills = nothing = 0
    for number in range(40):
        url = f"sqlite:///{tmp_path}/{number}.db"
        kills += interrupt(url, 0.1)
        found = schema(url)
        nothing += not found
        assert found in ({}, expected)
        if number % 3 == 0:
            migrate.upgrade(parse(url))
            assert schema(url) == expected
    print(f"kills={kills} rolled back={nothing}")
    assert kills >= 15


@pytest.mark.slow
def test_servers_survive_kills_during_the_upgrade(
    mariadb_url: str, tmp_path: Path
) -> None:
    """B19: killed between any two statements, re-running completes, data intact."""
    url = parse(mariadb_url)
    migrate.upgrade(url)
    expected = schema(mariadb_url)
    kills, stopped_at = 0, set()
    ends = time.monotonic() + 20
    while kills < 10 or (kills < 20 and time.monotonic() < ends):
        migrate.downgrade(url, "base")
        while revision(mariadb_url) != migrate.HEAD and kills < 20:
            kills += interrupt(mariadb_url, 0.25)
            stopped_at.add(revision(mariadb_url))
    print(f"kills={kills} at {len(stopped_at)} different revisions")
    migrate.upgrade(url)
    assert schema(mariadb_url) == expected
    with SqlStore(mariadb_url, SystemClock()).transaction() as tx:
        stored = tx.tickets.upsert("acme", samples.ticket())
    migrate.upgrade(url)
    with SqlStore(mariadb_url, SystemClock()).reading() as tx:
        assert tx.tickets.get("acme", stored.id) == stored
    assert kills >= 10
    assert len(stopped_at) >= 3


def test_a_current_schema_starts_without_loading_alembic(tmp_path: Path) -> None:
    """Every start after the first is spared a third of a second."""
    url = f"sqlite:///{tmp_path}/deskside.db"
    program = (
        "import sys; from sidecar.clock import SystemClock;"
        "from sidecar.store.sql import SqlStore;"
        f"SqlStore({url!r}, SystemClock()).prepare();"
        "print('alembic' in sys.modules, 'pymysql' in sys.modules)"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=VERSIONS.parent.parent.parent,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert answers == ["True False", "False False"]
