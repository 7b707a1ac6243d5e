"""Lists: every filter by itself, together and across pages, and what is counted."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.domain.knowledge import DocumentState
from sidecar.v1 import common_pb2, knowledge_pb2, ticket_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.contract.rpc.conftest import Running

PUBLIC, INTERNAL = common_pb2.VISIBILITY_PUBLIC, common_pb2.VISIBILITY_INTERNAL
READY = knowledge_pb2.DOCUMENT_STATE_READY
FAILED = knowledge_pb2.DOCUMENT_STATE_FAILED
SHELF = (("a1", "blue", PUBLIC), ("a2", "blue", INTERNAL), ("a3", "red", PUBLIC))


@pytest.fixture(scope="module", autouse=True)
def shelf(running: Running) -> None:
    """Documents of two sources, one internal and one that failed."""
    ids = {}
    with running.client() as client:
        for name, source, visibility in (*SHELF, ("a4", "green", PUBLIC)):
            header = knowledge_pb2.AddDocumentHeader(
                file_name=f"{name}.md", title=name, source=source, visibility=visibility
            )
            answer = client.upload(f"# {name}\n\nText of {name}.".encode(), header)
            ids[name] = answer.document.document_id
    with running.house.ports.store.transaction() as tx:
        tx.documents.set_state("default", ids["a4"], DocumentState.FAILED)


def titles(client: SidecarClient, size: int = 50, **filters: Any) -> list[str]:
    """List titles, page by page."""
    found: list[str] = []
    token = ""
    while True:
        request = knowledge_pb2.ListDocumentsRequest(
            page_size=size,
            page_token=token,
            **filters,
        )
        page = client.knowledge.ListDocuments(request)
        found += [document.title for document in page.documents]
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["a1", "a2", "a3", "a4"]),
        ({"sources": ["blue"]}, ["a1", "a2"]),
        ({"sources": ["blue", "green"]}, ["a1", "a2", "a4"]),
        ({"states": [READY]}, ["a1", "a2", "a3"]),
        ({"states": [FAILED]}, ["a4"]),
        ({"states": [FAILED, READY]}, ["a1", "a2", "a3", "a4"]),
        ({"visibility": INTERNAL}, ["a2"]),
        ({"visibility": PUBLIC, "sources": ["blue", "red"]}, ["a1", "a3"]),
        ({"text": "A3", "states": [READY]}, ["a3"]),
        ({"sources": ["nowhere"]}, []),
    ],
)
def test_a_filter_lets_through_what_it_names(
    running: Running, filters: dict[str, Any], expected: list[str]
) -> None:
    """In one page or one by one, the same documents in the same order."""
    with running.client("viewer") as client:
        assert titles(client, **filters) == expected
        assert titles(client, size=1, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"states": [99]}, "states[0]"),
        ({"states": [0]}, "states[0]"),
        ({"states": [READY] * 6}, "states"),
        ({"visibility": 9}, "visibility"),
        ({"sources": ["s"] * 101}, "sources"),
        ({"sources": ["s" * 256]}, "sources[0]"),
        ({"text": "t" * 501}, "text"),
    ],
)
def test_each_limit_names_its_field(
    running: Running, filters: dict[str, Any], field: str
) -> None:
    """One filter is wrong; exactly that field is named."""
    with running.client() as client, pytest.raises(SidecarError) as caught:
        titles(client, **filters)
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [v.field for v in caught.value.violations] == [field]


def test_a_page_says_how_many_there_are_in_all(running: Running) -> None:
    """The total counts what the filter lets through, whatever the page's size."""
    request = knowledge_pb2.ListDocumentsRequest(page_size=1, sources=["blue"])
    with running.client() as client:
        page = client.knowledge.ListDocuments(request)
    assert len(page.documents) == 1
    assert page.total_size == 2


def test_a_list_of_tickets_says_how_long_each_thread_is(running: Running) -> None:
    """A listed ticket has no messages, but their number."""
    author = ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER)
    messages = [
        ticket_pb2.Message(external_id=name, author=author, body=name) for name in "abc"
    ]
    ticket = ticket_pb2.Ticket(
        external_id="counted", connector="counting", messages=messages
    )
    with running.client() as client:
        client.tickets.UpsertTicket(tickets_pb2.UpsertTicketRequest(ticket=ticket))
        listed = client.tickets.ListTickets(
            tickets_pb2.ListTicketsRequest(connector="counting")
        )
    assert [one.message_count for one in listed.tickets] == [3]
