"""Calls as benchmarks make them: real texts, callers with a connection each."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import sidecar.sample
from sidecar.client import SidecarClient
from sidecar.v1 import assist_pb2, ticket_pb2, ticket_service_pb2
from tests.bench.measuring import rate_of

_PUBLIC = Path(__file__).parent.parent / "data" / "public_tickets" / "tickets.jsonl"
_TIMEOUT = 60.0

Call = Callable[[SidecarClient, int], object]


def public_texts() -> list[str]:
    """Return real requests from the public sets beside the tests."""
    lines = _PUBLIC.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def knowledge_words() -> list[str]:
    """Return the words of the sample help centre, each as often as it stands there."""
    folder = Path(sidecar.sample.__file__).parent / "knowledge"
    files = sorted(folder.rglob("*.md"))
    return " ".join(file.read_text(encoding="utf-8") for file in files).split()


def texts_of(words: int, count: int = 256) -> list[str]:
    """Return texts of so many words, cut one after another from real requests."""
    stream = itertools.cycle(" ".join(public_texts()).split())
    return [" ".join(itertools.islice(stream, words)) for _ in range(count)]


def classify(texts: Sequence[str]) -> Call:
    """Return a call that classifies a new ticket with one of the texts."""

    def call(client: SidecarClient, at: int) -> object:
        unique = uuid.uuid4().hex
        message = ticket_pb2.Message(
            external_id="1",
            body=texts[at % len(texts)],
            author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
        )
        ticket = ticket_pb2.Ticket(
            external_id=unique, connector="bench", messages=[message]
        )
        request = assist_pb2.ClassifyRequest(request_id=unique, ticket=ticket)
        return client.assist.Classify(request, timeout=_TIMEOUT)

    return call


def retrieve(
    texts: Sequence[str],
    mode: assist_pb2.RetrievalMode.ValueType = assist_pb2.RETRIEVAL_MODE_HYBRID,
) -> Call:
    """Return a call that looks one of the texts up."""

    def call(client: SidecarClient, at: int) -> object:
        request = assist_pb2.RetrieveRequest(query=texts[at % len(texts)], mode=mode)
        return client.assist.Retrieve(request, timeout=_TIMEOUT)

    return call


def draft(ticket_ids: Sequence[str]) -> Call:
    """Return a call that drafts a reply to one of the tickets."""

    def call(client: SidecarClient, at: int) -> object:
        request = assist_pb2.DraftReplyRequest(
            request_id=uuid.uuid4().hex, ticket_id=ticket_ids[at % len(ticket_ids)]
        )
        return client.assist.DraftReply(request, timeout=_TIMEOUT)

    return call


def summarize(ticket_ids: Sequence[str]) -> Call:
    """Return a call that summarises one of the tickets."""

    def call(client: SidecarClient, at: int) -> object:
        request = assist_pb2.SummarizeRequest(
            ticket_id=ticket_ids[at % len(ticket_ids)]
        )
        return client.assist.Summarize(request, timeout=_TIMEOUT)

    return call


def read(ticket_ids: Sequence[str]) -> Call:
    """Return a call that only reads a ticket."""

    def call(client: SidecarClient, at: int) -> object:
        request = ticket_service_pb2.GetTicketRequest(
            ticket_id=ticket_ids[at % len(ticket_ids)]
        )
        return client.tickets.GetTicket(request, timeout=_TIMEOUT)

    return call


def ticket_ids(client: SidecarClient, count: int = 60) -> list[str]:
    """Return ids of stored tickets."""
    request = ticket_service_pb2.ListTicketsRequest(page_size=count)
    return [one.ticket.id for one in client.tickets.ListTickets(request).tickets]


def mixed(texts: Sequence[str], ids: Sequence[str]) -> Call:
    """Return a call that is one of the five in turn."""
    kinds = (classify(texts), retrieve(texts), draft(ids), summarize(ids), read(ids))

    def call(client: SidecarClient, at: int) -> object:
        return kinds[at % len(kinds)](client, at)

    return call


def at_once(clients: Sequence[SidecarClient], call: Call, seconds: float) -> float:
    """Let every client call without pause; return the answered calls a second."""
    return rate_of([partial(call, client) for client in clients], seconds)


def times(clients: Sequence[SidecarClient], call: Call, count: int) -> None:
    """Make ``count`` calls, shared among the clients."""
    numbers = iter(range(count))

    def some(client: SidecarClient) -> None:
        for at in numbers:
            call(client, at)

    with ThreadPoolExecutor(len(clients)) as pool:
        for done in [pool.submit(some, client) for client in clients]:
            done.result()
