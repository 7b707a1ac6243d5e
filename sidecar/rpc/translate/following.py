"""Requests and answers about tickets that are merged, redacted or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import limits
from sidecar.rpc.translate.tickets import outgoing
from sidecar.v1 import ticket_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sidecar.domain.ticket import Ticket
    from sidecar.usecases.follow_helpdesk import Redacted

_MOST_SOURCES = 20
_MOST_TEXTS = 100


def merge(request: pb.MergeTicketsRequest) -> tuple[str, list[str]]:
    """Return the ticket that stays and those that go into it."""
    target = limits.identifier(
        "target_ticket_id", request.target_ticket_id, required=True
    )
    sources = _ids("source_ticket_ids", request.source_ticket_ids, _MOST_SOURCES)
    if not sources:
        raise limits.missing("source_ticket_ids")
    return target, sources


def merged(found: Ticket) -> pb.MergeTicketsResponse:
    """Return the ticket that stayed."""
    return pb.MergeTicketsResponse(ticket=outgoing(found))


def redaction(request: pb.RedactTicketRequest) -> tuple[str, list[str], list[str]]:
    """Return ticket, messages and words; none means all."""
    limits.check_count("texts", len(request.texts), _MOST_TEXTS)
    return (
        limits.identifier("ticket_id", request.ticket_id, required=True),
        _ids("message_ids", request.message_ids, limits.MAX_MESSAGES),
        [
            limits.text(f"texts[{i}]", text, limits.MAX_QUERY, required=True)
            for i, text in enumerate(request.texts)
        ],
    )


def redacted(found: Redacted) -> pb.RedactTicketResponse:
    """Return the redacted ticket."""
    return pb.RedactTicketResponse(
        ticket=outgoing(found.ticket), redaction_count=found.places
    )


def deleted() -> pb.DeleteTicketResponse:
    """Say that the ticket is gone."""
    return pb.DeleteTicketResponse()


def _ids(field: str, values: Iterable[str], most: int) -> list[str]:
    given = list(values)
    limits.check_count(field, len(given), most)
    found = [
        limits.identifier(f"{field}[{i}]", value, required=True)
        for i, value in enumerate(given)
    ]
    return list(dict.fromkeys(found))
