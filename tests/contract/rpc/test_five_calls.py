"""The five calls through the whole house: answers are complete, enums say something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

import sidecar
from sidecar.client import SidecarClient
from sidecar.v1 import (
    assist_pb2,
    common_pb2,
    escalation_pb2,
    knowledge_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.contract.rpc.conftest import Running

ARTICLES = Path(sidecar.__file__).parent / "sample" / "knowledge" / "account"


@pytest.fixture(scope="module")
def client(running: Running) -> Any:
    """A client of a house that knows a few articles."""
    with running.client() as made:
        for path in sorted(ARTICLES.glob("*.md")):
            made.upload(
                path.read_bytes(),
                knowledge_pb2.AddDocumentHeader(
                    file_name=path.name, visibility=common_pb2.VISIBILITY_PUBLIC
                ),
            )
        yield made


def angry_ticket(name: str) -> ticket_pb2.Ticket:
    return ticket_pb2.Ticket(
        external_id=name,
        connector="zendesk",
        subject="Password reset link never arrives",
        customer=ticket_pb2.Customer(external_id="c1", email="jo@customer.example"),
        messages=[
            ticket_pb2.Message(
                body="How do I reset my password? The link never arrives. This is the"
                " third time I ask and our whole team is blocked!!"
            )
        ],
    )


def unspecified(message: Message, path: str = "") -> list[str]:
    """Name every enum of an answer that says nothing."""
    found = []
    for field in message.DESCRIPTOR.fields:
        name = f"{path}{field.name}"
        value = getattr(message, field.name)
        if field.message_type is not None:
            if field.is_repeated:
                for index, item in enumerate(value):
                    found += unspecified(item, f"{name}[{index}].")
            elif message.HasField(field.name):
                found += unspecified(value, f"{name}.")
        elif field.enum_type is not None and not field.is_repeated:
            absent = field.has_presence and not message.HasField(field.name)
            if value == 0 and not absent:
                found.append(name)
    return found


def test_classify_says_everything(client: SidecarClient) -> None:
    """Category, intent, tone, severity, priority, risk, language and why."""
    answer = client.assist.Classify(
        assist_pb2.ClassifyRequest(ticket=angry_ticket("five-1"))
    )
    found = answer.classification
    assert unspecified(answer) == []
    assert 1 <= found.priority <= 10
    assert 0 <= found.risk <= 1
    assert found.language == "en"
    assert found.reasons
    assert found.ticket_id == answer.ticket_id
    assert found.attempts >= 1


def test_retrieve_stores_nothing_and_finds_passages(client: SidecarClient) -> None:
    """A ticket given inline is only read."""
    answer = client.assist.Retrieve(
        assist_pb2.RetrieveRequest(ticket=angry_ticket("five-2"), top_k=3)
    )
    assert 1 <= len(answer.passages) <= 3
    assert unspecified(answer) == []
    with pytest.raises(Exception, match="TICKET_NOT_FOUND"):
        client.tickets.GetTicket(
            ticket_service_pb2.GetTicketRequest(
                external=ticket_service_pb2.ExternalTicketKey(
                    connector="zendesk", external_id="five-2"
                )
            )
        )


def test_a_draft_is_whole_streamed_or_not(client: SidecarClient) -> None:
    """Sentences join to the text; every quote is in its passage; the stream agrees."""
    request = assist_pb2.DraftReplyRequest(ticket=angry_ticket("five-3"))
    draft = client.assist.DraftReply(request).draft
    assert unspecified(draft) == []
    assert "".join(sentence.text for sentence in draft.sentences) == draft.text
    steps = list(
        client.assist.StreamDraftReply(
            assist_pb2.StreamDraftReplyRequest(ticket_id=draft.ticket_id)
        )
    )
    last = steps[-1].draft
    streamed = [
        step.sentence for step in steps if step.WhichOneof("step") == "sentence"
    ]
    assert "".join(sentence.text for sentence in streamed) == last.text
    found = client.assist.Retrieve(
        assist_pb2.RetrieveRequest(ticket_id=draft.ticket_id, top_k=50)
    )
    texts = {passage.passage_id: passage.text for passage in found.passages}
    for citation in (*draft.citations, *last.citations):
        assert citation.quote in texts[citation.passage_id]


def test_summary_and_escalation_are_whole(client: SidecarClient) -> None:
    """The record of a ticket, and somebody to look at it."""
    summary = client.assist.Summarize(
        assist_pb2.SummarizeRequest(ticket=angry_ticket("five-4"))
    )
    assert unspecified(summary) == []
    assert summary.summary.headline
    raised = client.assist.Escalate(
        assist_pb2.EscalateRequest(ticket_id=summary.ticket_id, level=2, reason="VIP")
    )
    assert unspecified(raised) == []
    assert raised.created
    again = client.assist.Escalate(
        assist_pb2.EscalateRequest(ticket_id=summary.ticket_id)
    )
    assert not again.created
    known = raised.escalation.escalation_id
    assert again.escalation.escalation_id == known
    listed = client.escalations.ListEscalations(escalation_pb2.ListEscalationsRequest())
    (shown,) = (one for one in listed.escalations if one.escalation_id == known)
    assert shown.ticket_subject == angry_ticket("five-4").subject
    assert (shown.connector, shown.ticket_external_id) == ("zendesk", "five-4")
    assert shown.customer_name == "jo@customer.example"
    alone = client.escalations.GetEscalation(
        escalation_pb2.GetEscalationRequest(escalation_id=known)
    )
    assert alone.escalation == shown


def test_the_panel_gets_stored_facts_in_one_call(client: SidecarClient) -> None:
    """Ticket, classification, escalation and draft; found by the vendor's name."""
    stored = client.assist.Classify(
        assist_pb2.ClassifyRequest(ticket=angry_ticket("five-5"))
    )
    client.assist.DraftReply(assist_pb2.DraftReplyRequest(ticket_id=stored.ticket_id))
    panel = client.tickets.GetTicketPanel(
        ticket_service_pb2.GetTicketPanelRequest(
            external=ticket_service_pb2.ExternalTicketKey(
                connector="zendesk", external_id="five-5"
            )
        )
    )
    assert unspecified(panel) == []
    assert panel.ticket.id == stored.ticket_id
    assert panel.HasField("classification")
    assert panel.HasField("draft")
    assert not panel.classification_outdated


def test_a_long_thread_is_accepted(client: SidecarClient) -> None:
    """D10: 2 MB of text and 5,000 messages are stored and answered."""
    ticket = angry_ticket("five-6")
    ticket.messages[0].body += " word" * 400_000
    answer = client.assist.Classify(
        assist_pb2.ClassifyRequest(ticket=ticket), timeout=20
    )
    stored = client.tickets.GetTicket(
        ticket_service_pb2.GetTicketRequest(ticket_id=answer.ticket_id)
    ).ticket
    assert stored.messages[0].body == ticket.messages[0].body


def test_an_upload_that_is_repeated_changes_nothing(client: SidecarClient) -> None:
    """The same file with the same bytes is recognised."""
    path = next(iter(sorted(ARTICLES.glob("*.md"))))
    header = knowledge_pb2.AddDocumentHeader(
        file_name=path.name, visibility=common_pb2.VISIBILITY_PUBLIC
    )
    again = client.upload(path.read_bytes(), header)
    assert again.unchanged
    assert unspecified(again) == []


def test_an_upsert_says_what_it_did(client: SidecarClient) -> None:
    """New, the same, changed."""
    request = ticket_service_pb2.UpsertTicketRequest(ticket=angry_ticket("five-7"))
    new = client.tickets.UpsertTicket(request)
    same = client.tickets.UpsertTicket(request)
    request.ticket.subject = "Another subject"
    changed = client.tickets.UpsertTicket(request)
    assert (new.created, new.unchanged) == (True, False)
    assert (same.created, same.unchanged) == (False, True)
    assert (changed.created, changed.unchanged) == (False, False)
    assert changed.ticket.etag
