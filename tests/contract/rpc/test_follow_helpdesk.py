"""Merges, redactions and deletions in the helpdesk are followed, index included."""

from __future__ import annotations

import sqlite3
import uuid

import grpc
import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.index.port import EntryKind, IndexFilter
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.v1 import assist_pb2, escalation_pb2, policy_pb2, ticket_pb2
from sidecar.v1 import ticket_service_pb2 as pb
from tests.contract.rpc.conftest import Running


def store(
    client: SidecarClient, *bodies: str, subject: str = "Login"
) -> ticket_pb2.Ticket:
    """Store a ticket in which the customer wrote these messages."""
    name = uuid.uuid4().hex[:8]
    ticket = ticket_pb2.Ticket(
        connector="zendesk",
        external_id=name,
        subject=subject,
        status=ticket_pb2.TICKET_STATUS_OPEN,
        messages=[
            ticket_pb2.Message(
                external_id=f"{name}-{number}",
                author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                body=body,
            )
            for number, body in enumerate(bodies)
        ],
    )
    return client.tickets.UpsertTicket(pb.UpsertTicketRequest(ticket=ticket)).ticket


def everything(running: Running) -> str:
    """Return all rows of the database."""
    path = running.house.settings.data_dir / "deskside.db"
    connection = sqlite3.connect(path)
    dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def indexed(running: Running, query: str) -> int:
    """Return how many tickets the index finds by these words."""
    index = running.house.ports.index
    where = IndexFilter()
    return len(index.by_words("default", EntryKind.TICKET, query, 9, where))


def test_a_merge_moves_the_words_and_the_escalation(running: Running) -> None:
    """The target has all turns once, the source is closed, nothing is alerted twice."""
    with running.client() as client:
        target, source = store(client, "first"), store(client, "second", "third")
        escalated = client.assist.Escalate(
            assist_pb2.EscalateRequest(
                request_id=uuid.uuid4().hex, ticket_id=source.id, level=2
            )
        ).escalation
        request = pb.MergeTicketsRequest(
            request_id=uuid.uuid4().hex,
            target_ticket_id=target.id,
            source_ticket_ids=[source.id],
        )
        merged = client.tickets.MergeTickets(request).ticket
        assert [m.body for m in merged.messages] == ["first", "second", "third"]
        request.request_id = uuid.uuid4().hex
        again = client.tickets.MergeTickets(request).ticket
        assert len(again.messages) == 3
        ask = pb.GetTicketRequest(ticket_id=source.id)
        assert (
            client.tickets.GetTicket(ask).ticket.status
            == ticket_pb2.TICKET_STATUS_CLOSED
        )
        old = client.escalations.GetEscalation(
            escalation_pb2.GetEscalationRequest(escalation_id=escalated.escalation_id)
        ).escalation
        assert old.state == escalation_pb2.ESCALATION_STATE_RESOLVED
        panel = client.tickets.GetTicketPanel(
            pb.GetTicketPanelRequest(ticket_id=target.id)
        )
        assert panel.escalation.level == 2


def test_redacted_words_are_nowhere(running: Running) -> None:
    """Not in the ticket, its classification, drafts, saved answers or the index."""
    with running.client() as client:
        ticket = store(
            client, "My lawyer Zyxgrath will call. The login fails.", subject="Zyxgrath"
        )
        key = uuid.uuid4().hex
        client.assist.Classify(
            assist_pb2.ClassifyRequest(request_id=key, ticket_id=ticket.id)
        )
        client.assist.DraftReply(
            assist_pb2.DraftReplyRequest(
                request_id=uuid.uuid4().hex, ticket_id=ticket.id
            )
        )
        index_changed_tickets(running.house.ports, 100)
        assert "Zyxgrath" in everything(running)
        assert indexed(running, "Zyxgrath")
        answer = client.tickets.RedactTicket(
            pb.RedactTicketRequest(
                request_id=uuid.uuid4().hex, ticket_id=ticket.id, texts=["Zyxgrath"]
            )
        )
        assert answer.redaction_count == 2
        assert answer.ticket.subject == "▇▇▇▇"
        assert "zyxgrath" not in everything(running).lower()
        assert not indexed(running, "Zyxgrath")
        index_changed_tickets(running.house.ports, 100)
        assert not indexed(running, "Zyxgrath")
        assert indexed(running, "login fails")


def test_a_deleted_ticket_is_gone(running: Running) -> None:
    """With its messages, and the second deletion is told that it is not there."""
    with running.client() as client:
        ticket = store(client, "Qwyjibo does not start")
        index_changed_tickets(running.house.ports, 100)
        assert "Qwyjibo" in everything(running)
        assert indexed(running, "Qwyjibo")

        def delete() -> None:
            client.tickets.DeleteTicket(
                pb.DeleteTicketRequest(request_id=uuid.uuid4().hex, ticket_id=ticket.id)
            )

        delete()
        assert "qwyjibo" not in everything(running).lower()
        assert not indexed(running, "Qwyjibo")
        with pytest.raises(SidecarError) as error:
            delete()
        assert error.value.code is grpc.StatusCode.NOT_FOUND


def test_writing_is_paused_by_one_switch(running: Running) -> None:
    """The flag is told with every lease, so that a worker asks nothing more."""
    from sidecar.v1 import event_pb2

    with running.client() as client:
        lease = event_pb2.LeaseEventsRequest(subscriber="zendesk")
        assert not client.events.LeaseEvents(lease).writing_paused
        switch = policy_pb2.UpdateFeatureFlagsRequest(
            request_id=uuid.uuid4().hex, flags={"writing_paused": True}
        )
        etag = client.policies.UpdateFeatureFlags(switch).etag
        assert client.events.LeaseEvents(lease).writing_paused
        back = policy_pb2.UpdateFeatureFlagsRequest(
            request_id=uuid.uuid4().hex, flags={"writing_paused": False}, etag=etag
        )
        client.policies.UpdateFeatureFlags(back)
        assert not client.events.LeaseEvents(lease).writing_paused
        back.request_id = uuid.uuid4().hex
        with pytest.raises(SidecarError) as error:
            client.policies.UpdateFeatureFlags(back)
        assert error.value.code is grpc.StatusCode.ABORTED
        wrong = policy_pb2.UpdateFeatureFlagsRequest(
            request_id=uuid.uuid4().hex, flags={"nonsense": True}
        )
        with pytest.raises(SidecarError) as error:
            client.policies.UpdateFeatureFlags(wrong)
        assert error.value.code is grpc.StatusCode.INVALID_ARGUMENT
