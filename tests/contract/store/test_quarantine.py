"""What is set aside, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sidecar.domain.quarantine import QuarantineState
from sidecar.errors import DesksideError
from sidecar.store.sql import SqlStore
from tests.contract.store import samples


def test_an_item_is_kept_as_it_was_found(store: SqlStore) -> None:
    """Every field comes back; the same words again are the same item."""
    with store.transaction() as tx:
        ticket = tx.tickets.upsert("w", samples.ticket())
        item = samples.quarantined("qrn_1", ticket.id)
        assert tx.quarantine.add("w", item)
        assert not tx.quarantine.add("w", replace(item, excerpt="other"))
        assert tx.quarantine.get("w", "qrn_1") == item
        states = tx.quarantine.states("w", ["qrn_1", "qrn_2"])
    assert states == {"qrn_1": QuarantineState.HELD}


def test_a_decision_is_kept_with_who_made_it(store: SqlStore) -> None:
    """A released document is told from one that is still held."""
    with store.transaction() as tx:
        tx.quarantine.add("w", samples.quarantined("qrn_1"))
        assert tx.quarantine.documents("w") == {"doc_1": False}
        done = tx.quarantine.decide("w", "qrn_1", QuarantineState.RELEASED, "mbr_1")
        assert done == tx.quarantine.get("w", "qrn_1")
        assert done is not None
        assert (done.state, done.decided_by) == (QuarantineState.RELEASED, "mbr_1")
        assert tx.quarantine.documents("w") == {"doc_1": True}
        assert tx.quarantine.decide("w", "no", QuarantineState.RELEASED, "x") is None


def test_pages_are_stable_and_by_state(store: SqlStore) -> None:
    """Newest first, two pages, and a state lets only its own through."""
    with store.transaction() as tx:
        for number in range(3):
            tx.quarantine.add("w", samples.quarantined(f"qrn_{number}"))
        tx.quarantine.decide("w", "qrn_1", QuarantineState.DISCARDED, "x")
        first = tx.quarantine.page("w", (), 2, "")
        second = tx.quarantine.page("w", (), 2, first.next_cursor)
        held = tx.quarantine.page("w", (QuarantineState.HELD,), 9, "")
    assert [i.id for i in (*first.items, *second.items)] == ["qrn_2", "qrn_1", "qrn_0"]
    assert [i.id for i in held.items] == ["qrn_2", "qrn_0"]


def test_what_a_ticket_said_goes_with_the_ticket(store: SqlStore) -> None:
    """D15: after a deletion no excerpt of the customer's words is left."""
    with store.transaction() as tx:
        ticket = tx.tickets.upsert("w", samples.ticket())
        tx.quarantine.add("w", samples.quarantined("qrn_1", ticket.id))
        assert tx.tickets.delete("w", ticket.id)
        assert tx.quarantine.get("w", "qrn_1") is None


def test_a_ticket_of_another_workspace_gets_no_item(store: SqlStore) -> None:
    """An item names a ticket of its own workspace or none."""
    with store.transaction() as tx:
        ticket = tx.tickets.upsert("theirs", samples.ticket())
    with pytest.raises(DesksideError), store.transaction() as tx:
        tx.quarantine.add("mine", samples.quarantined("qrn_1", ticket.id))
