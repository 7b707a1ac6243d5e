"""The rules of storing tickets: merging, etags, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sidecar.clock import FixedClock
from sidecar.domain.ticket import (
    Author,
    AuthorRole,
    Customer,
    CustomerTier,
    TicketStatus,
)
from sidecar.errors import LookElsewhere, MendRequest, ReadAgain, Reason
from sidecar.store.sql import SqlStore
from tests.contract.store.samples import (
    AT,
    classification,
    draft,
    escalation,
    message,
    ticket,
)

W = "acme"


def test_the_same_ticket_again_changes_nothing(store: SqlStore) -> None:
    """A repeated webhook keeps the etag and adds no message, named or not."""
    sent = ticket(messages=(message(""), message(""), message("m2", "Other")))
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, sent)
        second = tx.tickets.upsert(W, sent)
    assert second == first
    assert len(first.messages) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Still broken"},
        {"status": TicketStatus.PENDING},
        {"tags": ("vip",)},
        {"vendor_priority": "urgent"},
        {"customer": Customer(external_id="c1", tier=CustomerTier.VIP)},
        {"messages": (message(), message("m2"))},
        {"messages": (message(body="Edited."),)},
        {"messages": (message(internal=True),)},
        {"resolution": "Replaced it."},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_change_of_content_changes_the_etag(
    store: SqlStore, change: dict[str, Any]
) -> None:
    """The etag is new whenever a reader would see something new."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        second = tx.tickets.upsert(W, ticket(**change))
    assert second.id == first.id
    assert second.etag != first.etag


def test_who_takes_over_is_kept_with_the_moment_it_was_seen(
    store: SqlStore, clock: FixedClock
) -> None:
    """A new agent changes no thread; one the ticket came with has no moment."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket(assignee="Jo"))
        assert (first.assignee, first.assigned_at) == ("Jo", None)
        clock.advance(timedelta(minutes=5))
        seen = clock.now()
        second = tx.tickets.upsert(W, ticket(assignee="Kim"))
        assert (second.assignee, second.assigned_at) == ("Kim", seen)
        assert second.etag == first.etag
        clock.advance(timedelta(minutes=5))
        assert tx.tickets.upsert(W, ticket(assignee="Kim")).assigned_at == seen
        nobody = tx.tickets.upsert(W, ticket())
    assert (nobody.assignee, nobody.assigned_at) == ("", None)


def test_a_newer_time_alone_keeps_the_etag(store: SqlStore) -> None:
    """The vendor touching its row is no change of the ticket."""
    later = AT + timedelta(hours=1)
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        second = tx.tickets.upsert(W, ticket(updated_at=later))
    assert second == replace(first, updated_at=later)


def test_an_outdated_view_overwrites_nothing_and_adds_what_is_missing(
    store: SqlStore,
) -> None:
    """Events arrive in any order: old fields lose, unknown messages are kept."""
    old = ticket(
        subject="Old",
        updated_at=AT - timedelta(hours=1),
        messages=(message(body="Before the edit."), message("m0", "Forgotten")),
        customer=Customer(external_id="c1", name="Old name"),
    )
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        second = tx.tickets.upsert(W, old)
    assert second.subject == first.subject
    assert second.customer == first.customer
    assert second.updated_at == AT
    assert [m.body for m in second.messages] == ["It is broken.", "Forgotten"]
    assert second.etag != first.etag


def test_an_absent_message_is_kept(store: SqlStore) -> None:
    """A vendor may send only the newest turns."""
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket(messages=(message("a"), message("b"))))
        stored = tx.tickets.upsert(W, ticket(messages=(message("b"), message("c"))))
    assert [m.external_id for m in stored.messages] == ["a", "b", "c"]


def test_messages_stand_in_the_order_of_sending(store: SqlStore) -> None:
    """A late message takes its place by time, and the thread stays a whole."""
    one = message("1", sent_at=AT)
    two = message("2", sent_at=AT + timedelta(minutes=1))
    three = message("3", sent_at=AT + timedelta(minutes=2))
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket(messages=(one, three)))
        stored = tx.tickets.upsert(W, ticket(messages=(two,)))
        again = tx.tickets.upsert(W, ticket(messages=(three, two, one)))
    assert [m.external_id for m in stored.messages] == ["1", "2", "3"]
    assert again == stored


def test_appending_an_equal_message_without_id_is_a_second_message(
    store: SqlStore,
) -> None:
    """Saying the same twice is saying it twice; the whole thread again is not."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket(messages=(message(""),)))
        second = tx.tickets.add_message(W, first.id, message(""), first.etag)
        whole = ticket(messages=(message(""), message("")))
        third = tx.tickets.upsert(W, whole)
    assert second is not None
    assert len(second.messages) == 2
    assert third == second


def test_appending_to_a_changed_ticket_is_refused(store: SqlStore) -> None:
    """The holder of an old etag reads again; '' means any version."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        tx.tickets.add_message(W, first.id, message("m2"), "")
        with pytest.raises(ReadAgain) as refused:
            tx.tickets.add_message(W, first.id, message("m3"), first.etag)
        assert tx.tickets.add_message(W, "tkt_none", message(), "") is None
    assert refused.value.reason is Reason.ETAG_MISMATCH


def test_ids_that_differ_by_a_space_or_case_are_two_tickets(store: SqlStore) -> None:
    """Vendors' ids are compared byte by byte on every database."""
    names = ["a", "a ", "A", "á", "🧯", "🔥"]
    with store.transaction() as tx:
        stored = [tx.tickets.upsert(W, ticket(name)) for name in names]
        found = [tx.tickets.find(W, "zendesk", name) for name in names]
        assert tx.tickets.find(W, "zendesk", "a  ") is None
    assert len({item.id for item in stored}) == len(names)
    assert found == stored


def test_a_ticket_needs_its_external_id(store: SqlStore) -> None:
    """Two inline tickets without an id would otherwise become one."""
    with pytest.raises(MendRequest) as refused, store.transaction() as tx:
        tx.tickets.upsert(W, ticket(""))
    assert refused.value.reason is Reason.FIELD_REQUIRED


def test_what_does_not_fit_is_refused_by_name(store: SqlStore) -> None:
    """SQLite would keep it and MySQL would not: both refuse, naming the field."""
    with pytest.raises(MendRequest) as refused, store.transaction() as tx:
        tx.tickets.upsert(W, ticket("x" * 513))
    assert refused.value.reason is Reason.FIELD_TOO_LONG
    assert refused.value.violations[0].field == "tickets.external_id"


def test_a_resolution_survives_the_next_webhook(store: SqlStore) -> None:
    """The helpdesk does not know our resolution and must not wipe it."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        solved = tx.tickets.set_resolution(W, first.id, "New fuse.", 5)
        again = tx.tickets.set_resolution(W, first.id, "New fuse.", 5)
        later = tx.tickets.upsert(W, ticket())
        assert tx.tickets.set_resolution(W, "tkt_none", "", 0) is None
    assert solved is not None
    assert solved.resolution == "New fuse."
    assert solved.etag != first.etag
    assert again == later == solved


def test_a_customer_is_one_person_across_tickets(store: SqlStore) -> None:
    """The vendor's id decides, else the address; unknown fields keep what is known."""
    by_id = Customer(external_id="c9", email="a@x.org", name="Ada")
    with store.transaction() as tx:
        one = tx.tickets.upsert(W, ticket("1", customer=by_id))
        two = tx.tickets.upsert(W, ticket("2", customer=Customer(external_id="c9")))
        mail = tx.tickets.upsert(W, ticket("3", customer=Customer(email="B@x.org")))
        mail2 = tx.tickets.upsert(W, ticket("4", customer=Customer(email="b@X.org")))
        nobody = tx.tickets.upsert(W, ticket("1", customer=Customer()))
        assert tx.tickets.customer(W, one.customer.id) == one.customer
    assert two.customer == one.customer == nobody.customer
    assert mail.customer.id == mail2.customer.id != one.customer.id


def test_an_indexed_ticket_waits_no_more_until_it_changes(store: SqlStore) -> None:
    """The index is told of every version, and of each only once."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket())
        assert tx.tickets.unindexed(10) == [(W, first)]
        tx.tickets.mark_indexed(W, first.id, "another version")
        assert tx.tickets.unindexed(10) == [(W, first)]
        tx.tickets.mark_indexed(W, first.id, first.etag)
        assert tx.tickets.unindexed(10) == []
        second = tx.tickets.upsert(W, ticket(subject="Changed"))
        assert tx.tickets.unindexed(10) == [(W, second)]


def test_the_newest_decision_counts(store: SqlStore, clock: FixedClock) -> None:
    """Later is newer, in the same microsecond too."""
    with store.transaction() as tx:
        stored = tx.tickets.upsert(W, ticket())
        for _ in range(5):
            last = tx.classifications.add(W, classification(stored.id))
            last_draft = tx.drafts.add(W, draft(stored.id))
        assert tx.classifications.latest(W, stored.id) == last
        assert tx.drafts.latest(W, stored.id) == last_draft


def test_nothing_is_decided_about_a_ticket_that_is_not_there(store: SqlStore) -> None:
    """A decision, a draft or an escalation needs its ticket."""
    with store.transaction() as tx:
        for attempt in (
            lambda: tx.classifications.add(W, classification("tkt_none")),
            lambda: tx.drafts.add(W, draft("tkt_none")),
            lambda: tx.escalations.open(W, escalation("tkt_none")),
        ):
            with pytest.raises(LookElsewhere) as refused:
                attempt()
            assert refused.value.reason is Reason.TICKET_NOT_FOUND


def test_a_thread_of_five_thousand_messages_is_one_ticket(store: SqlStore) -> None:
    """A long thread is stored, repeated and extended within seconds."""
    thread = tuple(
        message(f"m{n}", f"Turn {n}", sent_at=AT + timedelta(seconds=n))
        for n in range(5000)
    )
    agent = message("last", "Done.", sent_at=AT + timedelta(days=1))
    agent = replace(agent, author=Author(AuthorRole.AGENT))
    with store.transaction() as tx:
        first = tx.tickets.upsert(W, ticket(messages=thread))
        assert tx.tickets.upsert(W, ticket(messages=thread)) == first
        longer = tx.tickets.add_message(W, first.id, agent, first.etag)
    assert longer is not None
    assert [m.external_id for m in longer.messages[-2:]] == ["m4999", "last"]
    assert len(longer.messages) == 5001
