"""What a repository works with: the connection of its transaction, and the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias, cast

from sqlalchemy import (
    Column,
    Connection,
    CursorResult,
    Executable,
    Insert,
    Row,
    String,
    Table,
    Update,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import IntegrityError

from sidecar.clock import Clock
from sidecar.errors import ChangeStateFirst, FieldViolation, MendRequest, Reason

Values = dict[str, Any]
"""Columns or parameters by name."""

Record: TypeAlias = Row[*tuple[Any, ...]]
"""A row as the database returned it."""


class Context:
    """One transaction: runs statements and knows the database's own ways."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock
        self.is_mysql = connection.dialect.name == "mysql"
        # (workspace, subscriber) whose deliveries changed: told once it is committed.
        self.rung: set[tuple[str, str]] = set()

    def now(self) -> datetime:
        """Return the current time."""
        return self.clock.now()

    def run(
        self, statement: Executable, values: Values | Sequence[Values] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute a statement built once with the values of this call."""
        result: CursorResult[*tuple[Any, ...]] = self.connection.execute(
            statement, values
        )
        return result

    def changed(self, statement: Update, values: Values) -> bool:
        """Execute an update and say whether it found its row."""
        fit(cast("Table", statement.table), values)
        return self.run(statement, values).rowcount > 0

    def insert(self, table: Table, row: Values) -> None:
        """Insert a row whose key nobody else can have."""
        fit(table, row)
        self.run(_insert(table), row)

    def insert_new(self, table: Table, row: Values) -> None:
        """Insert a row; raises ``ChangeStateFirst(ALREADY_EXISTS)`` if it exists."""
        try:
            self.insert(table, row)
        except IntegrityError:
            # The database's message repeats the values, which may be personal.
            raise ChangeStateFirst(Reason.ALREADY_EXISTS, table.name) from None

    def insert_many(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows whose keys nobody else can have."""
        if not rows:
            return
        for row in rows:
            fit(table, row)
        self.run(_insert(table), rows)

    def insert_or_keep(self, table: Table, row: Values) -> bool | None:
        """Insert a row unless one of its keys exists already.

        Returns whether it was inserted, or None on MySQL, which cannot say; there the
        existing row is locked, and the caller reads it. A plain INSERT that fails would
        take a shared lock instead, and two of those deadlock.
        """
        fit(table, row)
        result = self.run(_insert_or_keep(table, self.is_mysql), row)
        return None if self.is_mysql else result.rowcount > 0


_inserts: dict[str, Insert] = {}
_keeps: dict[tuple[str, bool], Insert] = {}
_limits: dict[str, list[tuple[str, int]]] = {}


def _insert(table: Table) -> Insert:
    # Statements built once keep their cache key: a third of an execute's cost.
    if table.name not in _inserts:
        _inserts[table.name] = table.insert()
    return _inserts[table.name]


def _insert_or_keep(table: Table, is_mysql: bool) -> Insert:
    found = _keeps.get((table.name, is_mysql))
    if found is not None:
        return found
    statement: Insert
    if is_mysql:
        statement = mysql.insert(table).on_duplicate_key_update(
            workspace=table.c.workspace
        )
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    _keeps[table.name, is_mysql] = statement
    return statement


def _length(column: Column[Any]) -> int:
    kind = getattr(column.type, "impl_instance", column.type)
    length = kind.length if isinstance(kind, String) else None
    return length or 0


def fit(table: Table, row: Values) -> None:
    """Raise ``MendRequest(FIELD_TOO_LONG)`` for a text longer than its column.

    SQLite would keep it and MySQL refuse it; here both refuse, and say which.
    """
    limits = _limits.get(table.name)
    if limits is None:
        limits = [(c.name, _length(c)) for c in table.c if _length(c)]
        _limits[table.name] = limits
    for name, limit in limits:
        value = row.get(name)
        if value is not None and len(value) > limit:
            said = f"at most {limit} characters"
            where = f"{table.name}.{name}"
            raise MendRequest(
                Reason.FIELD_TOO_LONG, (FieldViolation(where, said),), where
            )
