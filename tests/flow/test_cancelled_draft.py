"""A caller who goes away in the middle of a draft leaves nothing behind (C03)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cli.upload import Options, find_files, send
from sidecar.client import SidecarClient
from sidecar.v1 import assist_pb2, ticket_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.flow.sidecar_process import SidecarProcess
from tests.needs import REPOSITORY

ACCOUNT = REPOSITORY / "sidecar/sample/knowledge/account"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[SidecarClient]:
    """A client of a running sidecar that knows a few articles."""
    sidecar = SidecarProcess(tmp_path / "data")
    sidecar.start()
    sidecar.wait_until_serving()
    client = sidecar.client()
    for source in find_files([str(ACCOUNT)], recursive=True):
        assert send(client, source, Options()).result == "added"
    yield client
    client.close()
    assert sidecar.stop() == 0


def _stored_ticket(client: SidecarClient) -> str:
    ticket = ticket_pb2.Ticket(
        external_id="cancelled-1",
        connector="demo",
        subject="Password reset mail never arrives",
        messages=[
            ticket_pb2.Message(
                external_id="1",
                author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                body="I forgot my password. The reset mail never arrives. What now?",
            )
        ],
    )
    request = tickets_pb2.UpsertTicketRequest(ticket=ticket)
    stored: str = client.tickets.UpsertTicket(request).ticket.id
    return stored


def _has_draft(client: SidecarClient, ticket_id: str) -> bool:
    request = tickets_pb2.GetTicketPanelRequest(ticket_id=ticket_id)
    found: bool = client.tickets.GetTicketPanel(request).HasField("draft")
    return found


def test_a_cancelled_draft_is_not_stored(client: SidecarClient) -> None:
    """After a cancel at any of its steps no draft is there; a whole one then is."""
    ticket_id = _stored_ticket(client)
    request = assist_pb2.StreamDraftReplyRequest(ticket_id=ticket_id)
    for steps in (1, 2, 3):
        stream = client.assist.StreamDraftReply(request)
        for _ in range(steps):
            assert next(stream).WhichOneof("step") == "progress"
        stream.cancel()
    time.sleep(1.0)
    assert not _has_draft(client, ticket_id)
    *_, last = client.assist.StreamDraftReply(request)
    assert last.draft.draft_id
    assert _has_draft(client, ticket_id)
