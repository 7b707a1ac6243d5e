"""What is stored comes back the same, whatever the domain allows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.domain.classification import Classification
from sidecar.domain.escalation import Escalation
from sidecar.domain.knowledge import Document, StoredPassage
from sidecar.domain.reply import Draft, ReplyTemplate
from sidecar.domain.ticket import Customer, Feedback, Message, Ticket
from sidecar.store.sql import SqlStore
from tests.contract.store import samples
from tests.contract.store import strategies as any_

# The store is shared by all examples: each takes a workspace of its own.
many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def workspace() -> str:
    """Return a workspace that no other example uses."""
    return f"w{secrets.token_hex(8)}"


def by_time(messages: tuple[Message, ...]) -> list[str]:
    """Return the order in which a thread must come back."""
    keyed, latest = [], None
    for message in messages:
        latest = message.sent_at or latest
        keyed.append((latest is not None, latest, message.external_id))
    first = [item[2] for item in keyed if not item[0]]
    rest = sorted((item for item in keyed if item[0]), key=lambda item: item[1] or 0)
    return first + [item[2] for item in rest]


@many
@given(ticket=any_.TICKETS)
def test_a_ticket_comes_back_as_it_was_sent(store: SqlStore, ticket: Ticket) -> None:
    """Every field of a ticket survives; ids and etag are added, messages sorted."""
    where = workspace()
    with store.transaction() as tx:
        stored = tx.tickets.upsert(where, ticket)
        again = tx.tickets.upsert(where, ticket)
    assert stored.id
    assert stored.etag
    assert all(message.id for message in stored.messages)
    assert again == stored
    with store.reading() as tx:
        assert tx.tickets.get(where, stored.id) == stored
        assert tx.tickets.get_many(where, [stored.id]) == {stored.id: stored}
        found = tx.tickets.find(where, ticket.connector, ticket.external_id)
    assert found == stored
    assert [m.external_id for m in stored.messages] == by_time(ticket.messages)
    bare = {m.external_id: replace(m, id="") for m in stored.messages}
    assert bare == {m.external_id: m for m in ticket.messages}
    assert replace(stored.customer, id="") == ticket.customer or (
        # Nobody can be recognised by a tier: such a customer is not stored.
        stored.customer == Customer() == replace(ticket.customer, tier=Customer().tier)
    )
    same: dict[str, Any] = {
        "id": "",
        "etag": "",
        "messages": (),
        "customer": Customer(),
    }
    assert replace(stored, **same) == replace(ticket, **same)


def _about_ticket(
    store: SqlStore, save: Callable[[Any, str, str], Any]
) -> tuple[str, Any]:
    where = workspace()
    with store.transaction(durable=False) as tx:
        stored = tx.tickets.upsert(where, samples.ticket())
        return where, save(tx, where, stored.id)


@many
@given(item=any_.CLASSIFICATIONS)
def test_a_classification_comes_back(store: SqlStore, item: Classification) -> None:
    """Predictions, reasons with spans and the trend survive."""

    def save(tx: Any, where: str, ticket_id: str) -> Any:
        return tx.classifications.add(where, replace(item, ticket_id=ticket_id))

    where, stored = _about_ticket(store, save)
    with store.reading() as tx:
        assert tx.classifications.latest(where, stored.ticket_id) == stored
    assert stored.id
    assert replace(stored, id="", ticket_id="") == item


@many
@given(item=any_.DRAFTS)
def test_a_draft_comes_back(store: SqlStore, item: Draft) -> None:
    """Sentences, citations, warnings and cost survive."""

    def save(tx: Any, where: str, ticket_id: str) -> Any:
        return tx.drafts.add(where, replace(item, ticket_id=ticket_id))

    where, stored = _about_ticket(store, save)
    with store.reading() as tx:
        assert tx.drafts.get(where, stored.id) == stored
        assert tx.drafts.latest(where, stored.ticket_id) == stored
    assert replace(stored, id="", ticket_id="") == item


@many
@given(item=any_.FEEDBACK)
def test_feedback_is_returned_with_its_id(store: SqlStore, item: Feedback) -> None:
    """A judgement is accepted whatever its texts are."""

    def save(tx: Any, where: str, ticket_id: str) -> Any:
        return tx.drafts.add_feedback(where, replace(item, ticket_id=ticket_id))

    _, stored = _about_ticket(store, save)
    assert replace(stored, id="", ticket_id="") == item


@many
@given(items=st.lists(any_.TEMPLATES, max_size=4, unique_by=lambda t: t.id))
def test_templates_come_back(store: SqlStore, items: list[ReplyTemplate]) -> None:
    """A workspace's own templates survive, and saving again replaces."""
    where = workspace()
    with store.transaction(durable=False) as tx:
        for item in items:
            tx.drafts.save_template(where, replace(item, name="before"))
            assert tx.drafts.save_template(where, item) == item
    with store.reading() as tx:
        stored = {item.id: item for item in tx.drafts.templates(where)}
    assert stored == {item.id: item for item in items}


@many
@given(item=any_.DOCUMENTS, texts=st.lists(any_.WORDS, max_size=4))
def test_a_document_comes_back(
    store: SqlStore, item: Document, texts: list[str]
) -> None:
    """Metadata and passages survive, in order."""
    where = workspace()
    passages = [StoredPassage("", "", n, t, t, n) for n, t in enumerate(texts)]
    with store.transaction(durable=False) as tx:
        stored = tx.documents.put(where, item, passages)
    assert replace(stored, id="", passage_count=0) == item
    with store.reading() as tx:
        assert tx.documents.get(where, stored.id) == stored
        assert tx.documents.find_same(where, item.source, item.file_name) == stored
        kept = tx.documents.passages_of(where, stored.id)
    assert [replace(p, id="", document_id="") for p in kept] == passages


@many
@given(item=any_.ESCALATIONS)
def test_an_escalation_comes_back(store: SqlStore, item: Escalation) -> None:
    """Reasons, level, note and times survive."""

    def save(tx: Any, where: str, ticket_id: str) -> Any:
        opened, created = tx.escalations.open(where, replace(item, ticket_id=ticket_id))
        assert created
        return opened

    where, stored = _about_ticket(store, save)
    with store.reading() as tx:
        assert tx.escalations.get(where, stored.id) == stored
    assert replace(stored, id="", ticket_id="", etag="") == item


@many
@given(value=any_.WORDS, name=any_.NAMES, answer=st.binary(max_size=200))
def test_texts_and_bytes_come_back(
    store: SqlStore, value: str, name: str, answer: bytes
) -> None:
    """Policies, events and saved answers are not touched on their way."""
    where = workspace()
    key = samples.request_key(where, name)
    with store.transaction(durable=False) as tx:
        policy = tx.policies.put(where, name, value, "")
        assert tx.policies.get(where, name) == policy
        assert tx.requests.begin(key, samples.LEASE) is None
        tx.requests.finish(key, answer)
    with store.transaction(durable=False) as tx:
        assert tx.requests.begin(key, samples.LEASE) == answer


def test_two_megabytes_of_emoji_come_back(store: SqlStore) -> None:
    """A body of 2 MB survives, beyond the basic plane too."""
    body = "🧯é" * (2_000_000 // 6)
    where = workspace()
    with store.transaction() as tx:
        sent = samples.ticket(messages=(samples.message(body=body),))
        stored = tx.tickets.upsert(where, sent)
    with store.reading() as tx:
        found = tx.tickets.get(where, stored.id)
    assert found is not None
    assert found.messages[0].body == body
