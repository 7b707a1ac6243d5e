"""Requests that are too large, malformed, forged or foreign, over real gRPC."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from sidecar.client import SidecarError
from sidecar.v1 import (
    assist_pb2,
    knowledge_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.contract.rpc.conftest import Running

CLASSIFY = "/sidecar.v1.AssistService/Classify"
MEGABYTE = 1024 * 1024


def refused(running: Running, request: assist_pb2.ClassifyRequest) -> SidecarError:
    with running.client() as client, pytest.raises(SidecarError) as caught:
        client.assist.Classify(request)
    return caught.value


def raw_classify(running: Running, data: bytes) -> grpc.RpcError:
    metadata = (("authorization", f"Bearer {running.keys['admin']}"),)
    options = (("grpc.max_send_message_length", 64 * MEGABYTE),)
    with grpc.insecure_channel(running.address, options=options) as channel:
        method: Any = channel.unary_unary(CLASSIFY)
        with pytest.raises(grpc.RpcError) as caught:
            method(data, metadata=metadata)
    return caught.value


def test_a_message_of_nine_mebibytes_is_refused(running: Running) -> None:
    """C04: the size is refused by the transport, before anything is parsed."""
    error = raw_classify(running, b"x" * (9 * MEGABYTE))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_million_repeated_fields_are_refused(running: Running) -> None:
    """C04: many empty messages are as bad as a large one."""
    message = b"\x2a\x00" * 1_000_000  # Ticket.messages, each of no bytes
    size = len(message)
    varint = bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14 & 0x7F])
    error = raw_classify(running, b"\x12" + varint + message)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("ticket", "field"),
    [
        (ticket_pb2.Ticket(subject="a\x00b"), "ticket.subject"),
        (ticket_pb2.Ticket(external_id="a\nb"), "ticket.external_id"),
        (ticket_pb2.Ticket(subject="x" * (5 * MEGABYTE)), "ticket.subject"),
        (
            ticket_pb2.Ticket(messages=[ticket_pb2.Message(body="a\x00")]),
            "ticket.messages[0].body",
        ),
        (
            ticket_pb2.Ticket(messages=[ticket_pb2.Message()] * 5001),
            "ticket.messages",
        ),
        (ticket_pb2.Ticket(tags=["t"] * 101), "ticket.tags"),
        (ticket_pb2.Ticket(tags=["t" * 101]), "ticket.tags[0]"),
        (ticket_pb2.Ticket(url="javascript:alert(1)"), "ticket.url"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_beyond_its_limit_is_named(
    running: Running, ticket: ticket_pb2.Ticket, field: str
) -> None:
    """C04: INVALID_ARGUMENT with BadRequest naming the field."""
    error = refused(running, assist_pb2.ClassifyRequest(ticket=ticket))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.field for violation in error.violations] == [field]


def test_bytes_that_are_no_text_are_refused_by_field(running: Running) -> None:
    """C04: a lone surrogate in the subject is named, not an internal failure."""
    bad = b"\xed\xa0\x80"
    ticket = b"\x22" + bytes([len(bad)]) + bad
    error = raw_classify(running, b"\x12" + bytes([len(ticket)]) + ticket)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    garbage = raw_classify(running, b"\xff\xff\xff\xff")
    assert garbage.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_an_empty_request_is_told_what_is_missing(running: Running) -> None:
    """C05: a request without a ticket names the field."""
    error = refused(running, assist_pb2.ClassifyRequest())
    assert error.reason == "FIELD_REQUIRED"
    assert error.violations[0].field == "ticket_id"


@pytest.mark.parametrize(
    "status",
    [999, -1],
)
def test_an_unknown_enum_number_is_refused_by_field(
    running: Running, status: int
) -> None:
    """C05: a number from a newer contract is not taken for something else."""
    ticket = ticket_pb2.Ticket(status=status)  # type: ignore[arg-type]  # also what no enum has
    error = refused(running, assist_pb2.ClassifyRequest(ticket=ticket))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations[0].field == "ticket.status"


@pytest.mark.parametrize("size", [-1, 201])
def test_a_page_size_out_of_bounds_is_refused(running: Running, size: int) -> None:
    """C05: 0 means the default, the rest must be 1..200."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        client.tickets.ListTickets(
            ticket_service_pb2.ListTicketsRequest(page_size=size)
        )
    assert caught.value.violations[0].field == "page_size"


def test_a_page_token_is_signed_and_bound(running: Running) -> None:
    """C05: a forged token, another list's or another workspace's is refused."""
    with running.client() as client, running.client("elsewhere") as other:
        for number in range(3):
            ticket = ticket_pb2.Ticket(external_id=f"page-{number}", subject="s")
            client.tickets.UpsertTicket(
                ticket_service_pb2.UpsertTicketRequest(ticket=ticket)
            )
        ask = ticket_service_pb2.ListTicketsRequest
        first = client.tickets.ListTickets(ask(page_size=2))
        token = first.next_page_token
        assert token
        second = client.tickets.ListTickets(ask(page_size=1, page_token=token))
        seen = {item.ticket.id for item in first.tickets}
        assert second.tickets[0].ticket.id not in seen
        forged = ("A" if token[0] != "A" else "B") + token[1:]
        for attempt, asker in (
            (ask(page_token=forged), client),
            (ask(page_token="\x00"), client),
            (ask(page_token="é" * 5), client),
            (ask(page_token=token, category="billing"), client),
            (ask(page_token=token), other),
        ):
            with pytest.raises(SidecarError) as caught:
                asker.tickets.ListTickets(attempt)
            assert caught.value.reason == "PAGE_TOKEN_INVALID"


def test_another_workspaces_ticket_is_not_there(running: Running) -> None:
    """An identifier of another workspace answers as one that never existed."""
    with running.client() as client, running.client("elsewhere") as other:
        stored = client.tickets.UpsertTicket(
            ticket_service_pb2.UpsertTicketRequest(
                ticket=ticket_pb2.Ticket(external_id="mine", subject="s")
            )
        )
        for ticket_id in (stored.ticket.id, "tkt_none"):
            with pytest.raises(SidecarError) as caught:
                other.tickets.GetTicket(
                    ticket_service_pb2.GetTicketRequest(ticket_id=ticket_id)
                )
            assert caught.value.reason == "TICKET_NOT_FOUND"
            assert caught.value.message == "There is no such ticket."


def test_an_upload_must_keep_its_rules(running: Running) -> None:
    """Header first, chunks of 64 KiB, 10 MB in all, and the announced size."""
    header = knowledge_pb2.AddDocumentHeader
    part = knowledge_pb2.AddDocumentRequest
    named = part(header=header(file_name="a.md"))
    chunk = part(chunk=b"x" * 65536)
    attempts = {
        "FIELD_REQUIRED": [[chunk], [], [part(header=header())]],
        "FIELD_INVALID": [
            [named, named],
            [named, part(chunk=b"x" * 65537)],
            [part(header=header(file_name="a.md", size_bytes=3)), chunk],
        ],
        "DOCUMENT_TOO_LARGE": [
            [part(header=header(file_name="a.md", size_bytes=10_000_001))],
            [named, *[chunk] * 153],
        ],
    }
    with running.client() as client:
        for reason, uploads in attempts.items():
            for upload in uploads:
                with pytest.raises(SidecarError) as caught:
                    client.knowledge.AddDocument(iter(upload))
                assert caught.value.reason == reason
