"""Lists of tickets: filters, search, pages, and a customer's history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.clock import FixedClock
from sidecar.domain.classification import Decision, Prediction, Sentiment, Severity
from sidecar.domain.escalation import EscalationState
from sidecar.domain.ticket import (
    Author,
    AuthorRole,
    Customer,
    Ticket,
    TicketFilter,
    TicketStatus,
)
from sidecar.errors import MendRequest, Reason
from sidecar.store.sql import SqlStore
from tests.contract.store.conftest import START
from tests.contract.store.samples import (
    AT,
    classification,
    escalation,
    message,
    ticket,
)

W = "acme"


def names(store: SqlStore, where: TicketFilter) -> set[str]:
    """Return the external ids of what the filter lets through."""
    with store.reading() as tx:
        return {t.external_id for t in tx.tickets.page(W, where, 100, "").items}


def test_pages_are_complete_and_newest_first(store: SqlStore) -> None:
    """Every ticket is on exactly one page, also those of the same moment."""
    with store.transaction() as tx:
        for n in range(23):
            moment = AT + timedelta(seconds=n // 4)
            tx.tickets.upsert(W, ticket(str(n), updated_at=moment))
    seen: list[Ticket] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        with store.reading() as tx:
            page = tx.tickets.page(W, TicketFilter(), 5, cursor)
        seen += page.items
        cursor, pages = page.next_cursor, pages + 1
    assert pages == 5
    assert len({t.id for t in seen}) == 23
    assert [t.updated_at for t in seen] == sorted(
        (AT + timedelta(seconds=n // 4) for n in range(23)), reverse=True
    )
    assert not any(t.messages for t in seen)


def test_a_full_last_page_has_no_successor(store: SqlStore) -> None:
    """The cursor is empty when nothing follows."""
    with store.transaction() as tx:
        for n in range(4):
            tx.tickets.upsert(W, ticket(str(n)))
        assert tx.tickets.page(W, TicketFilter(), 4, "").next_cursor == ""
        assert tx.tickets.page(W, TicketFilter(), 3, "").next_cursor != ""


@pytest.mark.parametrize(
    "cursor", ["x", "[]", '["a","b"]', "[1,2]", '["2026-01-01","a"]']
)
def test_a_cursor_of_somebody_elses_making_is_refused(
    store: SqlStore, cursor: str
) -> None:
    """A forged cursor is the caller's mistake, never ours."""
    with store.reading() as tx:
        with pytest.raises(MendRequest) as refused:
            tx.tickets.page(W, TicketFilter(), 5, cursor)
        assert refused.value.reason is Reason.PAGE_TOKEN_INVALID
        with pytest.raises(MendRequest):
            tx.access.audit(W, 5, cursor)


def test_filters_see_the_newest_decision(store: SqlStore) -> None:
    """Category, sentiment, severity and risk are those decided last."""
    refund = Prediction("refund", 0.9, (), Decision.SELECT)
    with store.transaction() as tx:
        ids = [tx.tickets.upsert(W, ticket(name)).id for name in ("a", "b", "c")]
        for own_id in ids[:2]:
            tx.classifications.add(W, classification(own_id, category=refund))
        tx.classifications.add(
            W,
            classification(
                ids[1], sentiment=Sentiment.ANGRY, severity=Severity.HIGH, risk=0.8
            ),
        )
    assert names(store, TicketFilter(category="refund")) == {"a"}
    assert names(store, TicketFilter(category="Refund")) == set()
    assert names(store, TicketFilter(sentiment="angry")) == {"b"}
    assert names(store, TicketFilter(severity="high")) == {"b"}
    assert names(store, TicketFilter(risk_min=0.5)) == {"b"}
    assert names(store, TicketFilter(risk_min=0.25)) == {"a", "b"}
    assert names(store, TicketFilter()) == {"a", "b", "c"}


def test_what_stands_beside_a_list_is_what_stands_beside_each(store: SqlStore) -> None:
    """Asked for many tickets at once, decisions and escalations are the same."""
    with store.transaction() as tx:
        ids = [tx.tickets.upsert(W, ticket(name)).id for name in ("1", "2", "3")]
        for own_id in (ids[0], ids[0], ids[1]):
            tx.classifications.add(W, classification(own_id))
        tx.escalations.open(W, escalation(ids[1]))
        raised, _ = tx.escalations.open(W, escalation(ids[2]))
        done = EscalationState.RESOLVED
        tx.escalations.change(W, raised.id, raised.etag, done, None, "")
    with store.reading() as tx:
        decided = tx.classifications.latest_of(W, ids)
        escalated = tx.escalations.open_for_many(W, ids)
        assert decided.keys() == set(ids[:2])
        assert escalated.keys() == {ids[1]}
        for own_id in ids:
            assert decided.get(own_id) == tx.classifications.latest(W, own_id)
            assert escalated.get(own_id) == tx.escalations.open_for(W, own_id)
        assert tx.classifications.latest_of(W, []) == {}


def test_other_filters(store: SqlStore) -> None:
    """Status, connector and customer narrow the list."""
    other = replace(ticket("d"), connector="email")
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket("a", status=TicketStatus.OPEN))
        who = tx.tickets.upsert(W, ticket("b", customer=Customer("c2"))).customer
        tx.tickets.upsert(W, other)
    assert names(store, TicketFilter(status=TicketStatus.OPEN)) == {"a"}
    assert names(store, TicketFilter(connector="email")) == {"d"}
    assert names(store, TicketFilter(customer_id=who.id)) == {"b"}


def test_unattended_means_the_customer_spoke_last(store: SqlStore) -> None:
    """Notes and system lines are no answer; finished tickets wait for nobody."""
    agent = replace(message("m2"), author=Author(AuthorRole.AGENT))
    note = replace(agent, external_id="m3", internal=True)
    system = replace(message("m4"), author=Author(AuthorRole.SYSTEM))
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket("waiting"))
        tx.tickets.upsert(W, ticket("noted", messages=(message(), note, system)))
        tx.tickets.upsert(W, ticket("answered", messages=(message(), agent)))
        tx.tickets.upsert(W, ticket("closed", status=TicketStatus.CLOSED))
        tx.tickets.upsert(W, ticket("empty", messages=()))
    assert names(store, TicketFilter(unattended=True)) == {"waiting", "noted"}
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket("answered", messages=(message("m9"),)))
    assert "answered" in names(store, TicketFilter(unattended=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STRASSE", {"a"}),
        ("straße", {"a"}),
        ("100%", {"b"}),
        ("100x", set()),
        ("a_b", {"c"}),
        ("ÉMOJI 🧯", {"c"}),
        ("émoji 🔥", set()),
        ("ada lovelace", {"b"}),
        ("ADA@X.ORG", {"b"}),
        ("ticket-77", {"ticket-77"}),
        ("!", {"d"}),
        ("\\", {"d"}),
        ("'; --", set()),
    ],
)
def test_search_ignores_case_and_takes_signs_literally(
    store: SqlStore, text: str, found: set[str]
) -> None:
    """Subject, id, name and address are searched alike on every database."""
    ada = Customer("c2", "ada@x.org", "Ada Lovelace")
    nobody = Customer()
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket("a", subject="Lange Straße 5", customer=nobody))
        tx.tickets.upsert(W, ticket("b", subject="100% broken", customer=ada))
        tx.tickets.upsert(W, ticket("c", subject="a_b Émoji 🧯", customer=nobody))
        tx.tickets.upsert(W, ticket("d", subject="Hey! \\o/", customer=nobody))
        tx.tickets.upsert(W, ticket("ticket-77", subject="axb", customer=nobody))
    assert names(store, TicketFilter(text=text)) == found


def test_a_new_subject_is_found_and_the_old_one_is_not(store: SqlStore) -> None:
    """Searching follows the ticket, also when an update names no customer."""
    with store.transaction() as tx:
        tx.tickets.upsert(W, ticket("a", subject="Printer\non fire"))
        tx.tickets.upsert(W, ticket("a", subject="Solved", customer=Customer()))
    assert names(store, TicketFilter(text="printer")) == set()
    assert names(store, TicketFilter(text="solved")) == {"a"}
    assert names(store, TicketFilter(text="jo@example")) == {"a"}


def test_history_counts_a_customers_other_tickets(
    store: SqlStore, clock: FixedClock
) -> None:
    """Totals leave the asking ticket out; the first contact counts all."""
    with store.transaction() as tx:
        first = tx.tickets.upsert(
            W, ticket("1", status=TicketStatus.SOLVED, created_at=AT)
        )
        clock.advance(timedelta(hours=1))
        second = tx.tickets.upsert(W, ticket("2", updated_at=AT + timedelta(1)))
        third = tx.tickets.upsert(W, ticket("3", updated_at=AT + timedelta(2)))
        angry = classification(second.id, sentiment=Sentiment.ANGRY)
        tx.classifications.add(W, angry)
    with store.reading() as tx:
        history = tx.tickets.history(W, first.customer.id, 1, third.id)
        whole = tx.tickets.history(W, first.customer.id, 10, "")
        assert tx.tickets.history(W, "cus_none", 1, "") is None
    assert history is not None
    assert whole is not None
    assert (history.total, history.open, history.angry_count) == (2, 1, 1)
    assert [t.id for t in history.recent] == [second.id]
    assert [t.id for t in whole.recent] == [third.id, second.id, first.id]
    assert whole.first_seen_at == AT < START
    assert whole.customer == first.customer
