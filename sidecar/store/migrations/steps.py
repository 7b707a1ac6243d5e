"""The steps revisions are made of: each looks first, so that it can be repeated.

MySQL commits every DDL statement by itself: a process killed between the statement
and the note that it was done repeats the step at the next start.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, inspect

from sidecar.store.tables.base import TABLE_OPTIONS


def create_table(name: str, *parts: Any) -> None:
    """Create a table unless it is there."""
    if not inspect(op.get_bind()).has_table(name):
        op.create_table(name, *parts, **TABLE_OPTIONS)


def drop_table(name: str) -> None:
    """Drop a table unless it is gone."""
    if inspect(op.get_bind()).has_table(name):
        op.drop_table(name)


def create_index(name: str, table: str, *columns: str) -> None:
    """Create an index unless it is there."""
    if not _has_index(name, table):
        op.create_index(name, table, list(columns))


def drop_index(name: str, table: str) -> None:
    """Drop an index unless it is gone."""
    if _has_index(name, table):
        op.drop_index(name, table)


def add_column(table: str, column: Column[Any]) -> None:
    """Add a column unless it is there."""
    if not _has_column(table, column.name):
        op.add_column(table, column)


def drop_column(table: str, name: str) -> None:
    """Drop a column unless it is gone."""
    if _has_column(table, name):
        op.drop_column(table, name)


def _has_index(name: str, table: str) -> bool:
    return any(i["name"] == name for i in inspect(op.get_bind()).get_indexes(table))


def _has_column(table: str, name: str) -> bool:
    return any(c["name"] == name for c in inspect(op.get_bind()).get_columns(table))
