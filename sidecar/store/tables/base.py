"""What every table has in common."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table

from sidecar.store.columns import WORDS, key

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)

TABLE_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": WORDS,
    "mysql_row_format": "DYNAMIC",
}


def table(name: str, *parts: Any) -> Table:
    """Declare a table of ours.

    MySQL has no RETURNING and MariaDB has: unless forbidden, SQLAlchemy would use it
    on one, and tests there would say nothing about the other.
    """
    return Table(name, metadata, *parts, implicit_returning=False, **TABLE_OPTIONS)


def workspace() -> Column[str]:
    """Return the column that begins every key."""
    return Column("workspace", key(64), nullable=False)


def own_id(name: str = "id", nullable: bool = False) -> Column[str]:
    """Return a column for an id of ours."""
    return Column(name, key(32), nullable=nullable)


def column(name: str, kind: Any, nullable: bool = False) -> Column[Any]:
    """Return a column that must be filled unless said otherwise."""
    return Column(name, kind, nullable=nullable)


def of_ticket() -> ForeignKeyConstraint:
    """Tie a row to its ticket: gone with it.

    MySQL wants an index for it and will not let that go again: it is written as a
    unique key that ends in the id, which CREATE TABLE makes in the same step.
    """
    return ForeignKeyConstraint(
        ["workspace", "ticket_id"],
        ["tickets.workspace", "tickets.id"],
        ondelete="CASCADE",
    )
