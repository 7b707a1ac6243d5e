"""Lists stay quick when tickets are many: the index answers, not the table."""

from __future__ import annotations

import pytest
from sqlalchemy import Executable, select

from sidecar.clock import SystemClock
from sidecar.domain.ticket import TicketFilter, TicketStatus
from sidecar.store.database import open_for_migration, parse
from sidecar.store.paging import before
from sidecar.store.sql import SqlStore
from sidecar.store.tables import tickets as t
from sidecar.store.ticket_reads import _UNINDEXED, _filtered


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a SQLite database with the newest schema."""
    found = f"sqlite:///{tmp_path_factory.mktemp('plans')}/deskside.db"
    SqlStore(found, SystemClock()).prepare()
    return found


def plan(url: str, query: Executable) -> str:
    """Return how SQLite would answer."""
    engine = open_for_migration(parse(url))
    shown = query.compile(engine, compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]  # every statement has it
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {shown}").all()
    engine.dispose()
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize(
    "where",
    [
        TicketFilter(),
        TicketFilter(category="billing"),
        TicketFilter(sentiment="angry"),
        TicketFilter(severity="high"),
        TicketFilter(risk_min=0.9),
        TicketFilter(status=TicketStatus.OPEN),
        TicketFilter(unattended=True),
        TicketFilter(connector="email"),
    ],
    ids=lambda where: str(
        [name for name in where.__slots__ if getattr(where, name)] or "all"
    ),
)
@pytest.mark.parametrize("cursor", ["", '["2026-01-01T00:00:00+00:00","x"]'])
def test_a_list_is_answered_by_one_covering_index(
    url: str, where: TicketFilter, cursor: str
) -> None:
    """No row of the table is read for a ticket that is not shown, and none sorted."""
    query = _filtered(select(t.c.id, t.c.sort_at).where(t.c.workspace == "w"), where)
    if cursor:
        query = query.where(before(t.c.sort_at, t.c.id, cursor))
    query = query.order_by(t.c.sort_at.desc(), t.c.id.desc()).limit(51)
    found = plan(url, query)
    assert "USING COVERING INDEX ix_tickets_list" in found
    assert "TEMP B-TREE" not in found
    assert ("sort_at<" in found) is bool(cursor)


def test_the_sweeper_reads_an_index(url: str) -> None:
    """Looking for unindexed tickets costs nothing when there are none."""
    found = plan(url, _UNINDEXED.limit(5))
    assert "INDEX ix_tickets_unindexed" in found
    assert "TEMP B-TREE" not in found
