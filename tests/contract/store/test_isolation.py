"""Two workspaces never meet: every method is tried with the other one's ids."""

from __future__ import annotations

import inspect
import secrets
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sidecar.domain.knowledge import DocumentState
from sidecar.errors import DesksideError
from sidecar.store import port
from sidecar.store.database import open_for_migration, parse
from sidecar.store.sql import SqlStore
from sidecar.store.tables import metadata
from tests.contract.store.isolation_calls import (
    ACROSS,
    CALLS,
    MAY_REFUSE,
    NOTHING,
    REFUSED,
    furnish,
)
from tests.contract.store.samples import AT


def rows_of(url: str, workspace: str) -> dict[str, list[Any]]:
    """Return everything stored for a workspace, straight from the tables."""
    engine = open_for_migration(parse(url))
    with engine.connect() as connection:
        kept = {
            table.name: sorted(
                map(
                    repr,
                    connection.execute(
                        select(table).where(table.c.workspace == workspace)
                    ),
                )
            )
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return kept


def test_every_method_of_the_port_is_tried() -> None:
    """A new method of a repository must say how it keeps workspaces apart."""
    declared = set()
    for name, member in inspect.getmembers(port.Transaction):
        if isinstance(member, property) and member.fget:
            repository = inspect.get_annotations(member.fget, eval_str=True)["return"]
            declared |= {
                f"{name}.{method}"
                for method, _ in inspect.getmembers(repository, inspect.isfunction)
                if not method.startswith("_")
            }
    assert declared == CALLS.keys() | ACROSS


def _has_own(name: str, called: list[str]) -> bool:
    """Say whether the intruder put something of the same id into its own place."""
    maker = {"documents": "documents.put", "spending": "spending.reserve"}
    return maker.get(name.partition(".")[0]) in called


@pytest.mark.slow
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(st.sampled_from(sorted(CALLS)), min_size=5, max_size=25))
def test_no_call_reaches_another_workspace(
    store: SqlStore, url: str, names: list[str]
) -> None:
    """Whatever an intruder calls with our ids, our rows stay and are never answered."""
    token = secrets.token_hex(6)
    theirs = furnish(store, f"theirs-{token}")
    before = rows_of(url, theirs.workspace)
    mine = f"mine-{token}"
    for name in names:
        with store.transaction(durable=False) as tx:
            try:
                answer = CALLS[name](tx, mine, theirs)
            except DesksideError:
                assert name in MAY_REFUSE, name
                continue
        assert name not in REFUSED
        assert theirs.workspace not in repr(answer)
        assert "theirs" not in repr(answer)
        if name in NOTHING and not _has_own(name, names):
            assert not answer, name
    assert rows_of(url, theirs.workspace) == before


def test_each_method_alone_reaches_nothing(store: SqlStore, url: str) -> None:
    """Every method is tried at least once, whatever the examples above drew."""
    theirs = furnish(store, "theirs")
    before = rows_of(url, "theirs")
    for number, (name, call) in enumerate(CALLS.items()):
        mine = f"mine-{number}"
        with store.transaction(durable=False) as tx:
            if name in REFUSED:
                with pytest.raises(DesksideError):
                    call(tx, mine, theirs)
                continue
            try:
                answer = call(tx, mine, theirs)
            except DesksideError:
                assert name in MAY_REFUSE
                continue
        if name in NOTHING:
            assert not answer, name
        assert "theirs" not in repr(answer), name
    assert rows_of(url, "theirs") == before


def test_sweepers_name_the_workspace_of_what_they_found(store: SqlStore) -> None:
    """What looks across workspaces says where each find belongs."""
    one, two = furnish(store, "one"), furnish(store, "two")
    with store.transaction() as tx:
        waiting = {(where, item.id) for where, item in tx.tickets.unindexed(9)}
        later = AT + timedelta(days=999)
        found = tx.documents.in_state([DocumentState.READY], later, 9)
        documents = {(where, item.id) for where, item in found}
    assert waiting == {("one", one.ticket.id), ("two", two.ticket.id)}
    assert documents == {("one", one.document.id), ("two", two.document.id)}
