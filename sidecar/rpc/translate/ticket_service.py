"""Requests and answers of the ticket service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.domain.ticket import Feedback, FeedbackKind, TicketFilter
from sidecar.errors import NotAvailable, invalid
from sidecar.rpc.translate import classification, drafts, enums, limits
from sidecar.rpc.translate.tickets import (
    incoming,
    incoming_message,
    inline,
    outgoing,
    outgoing_customer,
    stamp,
)
from sidecar.usecases.ports import Target
from sidecar.v1 import classification_pb2, ticket_service_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sidecar.domain.ticket import CustomerHistory, Message, SimilarTicket, Ticket
    from sidecar.usecases.commands import TicketPanel
    from sidecar.usecases.overviews import TicketOverview
    from sidecar.usecases.tickets import Upserted

_pb = ticket_service_pb2
_DEFAULT_HISTORY = 20
_LIVELY = (
    _pb.TICKET_ORDER_UNSPECIFIED,
    _pb.TICKET_ORDER_UPDATED,
)


def ticket_to_store(request: _pb.UpsertTicketRequest) -> Ticket:
    """Return the ticket to store; it needs the vendor's identifier."""
    if not request.HasField("ticket"):
        raise limits.missing("ticket")
    if not request.ticket.external_id:
        raise limits.missing("ticket.external_id")
    return incoming(request.ticket)


def upserted(result: Upserted) -> _pb.UpsertTicketResponse:
    """Return the ticket as stored, and whether that changed anything."""
    return _pb.UpsertTicketResponse(
        ticket=outgoing(result.ticket),
        created=result.created,
        unchanged=result.unchanged,
    )


def message_to_add(request: _pb.AddMessageRequest) -> tuple[str, Message, str]:
    """Return ticket id, message and the etag the caller has seen."""
    if not request.HasField("message"):
        raise limits.missing("message")
    limits.text("message.body", request.message.body, limits.MAX_BODY, required=True)
    return (
        limits.identifier("ticket_id", request.ticket_id, required=True),
        incoming_message(request.message, "message"),
        limits.identifier("etag", request.etag),
    )


def message_added(ticket: Ticket, message: Message) -> _pb.AddMessageResponse:
    """Return the ticket, and which of its messages is the new one."""
    known = message.external_id
    mine = [m.id for m in ticket.messages if known and m.external_id == known]
    newest = [m.id for m in ticket.messages if m.body == message.body]
    found = (mine or newest)[-1:]
    return _pb.AddMessageResponse(
        ticket=outgoing(ticket), message_id=found[0] if found else ""
    )


def external_key(key: _pb.ExternalTicketKey) -> tuple[str, str]:
    """Return connector and the vendor's identifier."""
    return (
        limits.identifier("external.connector", key.connector) or "api",
        limits.identifier("external.external_id", key.external_id, required=True),
    )


def ticket_filter(request: _pb.ListTicketsRequest) -> TicketFilter:
    """Return which tickets to list."""
    if request.order not in _LIVELY:
        if request.order not in _pb.TicketOrder.values():
            raise invalid("order", f"{request.order} is not a value of this enum.")
        raise NotAvailable("Other orders of tickets arrive with the ticket list.")
    if len(request.statuses) > 1:
        raise invalid("statuses", "At most one status can be asked for at a time.")
    statuses = [
        limits.choice(f"statuses[{i}]", number, enums.STATUS_IN)
        for i, number in enumerate(request.statuses)
    ]
    return TicketFilter(
        category=limits.identifier("category", request.category),
        sentiment=limits.choice("sentiment", request.sentiment, enums.SENTIMENT_FILTER),
        severity=limits.choice("severity", request.severity, enums.SEVERITY_FILTER),
        risk_min=limits.share("risk_min", request.risk_min),
        status=statuses[0] if statuses else None,
        unattended=request.unattended,
        customer_id=limits.identifier("customer_id", request.customer_id),
        connector=limits.identifier("connector", request.connector),
        text=limits.text("text", request.text, limits.MAX_NAME),
    )


def ticket(panel: TicketPanel) -> _pb.GetTicketResponse:
    """Return a ticket with what is known about it."""
    made = _pb.GetTicketResponse(ticket=outgoing(panel.ticket))
    if panel.classification is not None:
        made.classification.CopyFrom(
            classification.outgoing(panel.classification, panel.ticket)
        )
    return made


def overview(item: TicketOverview) -> _pb.TicketOverview:
    """Return a ticket of a list."""
    made = _pb.TicketOverview(
        ticket=outgoing(item.ticket), message_count=item.message_count
    )
    made.ticket.ClearField("messages")
    if item.classification is not None:
        made.classification.CopyFrom(
            classification.outgoing(item.classification, item.ticket)
        )
    if item.escalation is not None:
        made.escalation.CopyFrom(
            classification.outgoing_escalation(item.escalation, item.ticket)
        )
    return made


def ticket_page(items: Iterable[TicketOverview], token: str) -> _pb.ListTicketsResponse:
    """Return a page of tickets."""
    return _pb.ListTicketsResponse(
        tickets=[overview(item) for item in items], next_page_token=token
    )


def similar_query(
    request: _pb.FindSimilarTicketsRequest,
) -> tuple[Target, str, int]:
    """Return what to compare with, and how many are wanted."""
    top_k = limits.top_k(request.top_k)
    which = request.WhichOneof("subject")
    if which == "ticket":
        return Target(ticket=inline(request.ticket)), "", top_k
    if which == "ticket_id":
        known = limits.identifier("ticket_id", request.ticket_id, required=True)
        return Target(ticket_id=known), "", top_k
    text = limits.text("text", request.text, limits.MAX_QUERY, required=True)
    return Target(), text, top_k


def similar(found: Iterable[SimilarTicket]) -> _pb.FindSimilarTicketsResponse:
    """Return similar tickets, best first."""
    return _pb.FindSimilarTicketsResponse(
        tickets=[
            _pb.SimilarTicket(
                ticket_id=item.ticket_id,
                external_id=item.external_id,
                subject=item.subject,
                snippet=item.snippet,
                status=enums.STATUS[item.status],
                resolution=item.resolution,
                score=item.score,
                created_at=stamp(item.created_at),
                url=item.url,
                connector=item.connector,
            )
            for item in found
        ]
    )


def history_query(request: _pb.GetCustomerHistoryRequest) -> tuple[str, str, int]:
    """Return customer id, ticket id (one of them is '') and how many are wanted."""
    limit = limits.between(
        "page_size", request.page_size, 1, limits.MAX_PAGE, _DEFAULT_HISTORY
    )
    if request.page_token:
        raise NotAvailable("Older pages of a history arrive with the ticket list.")
    if request.WhichOneof("key") == "ticket_id":
        known = limits.identifier("ticket_id", request.ticket_id, required=True)
        return "", known, limit
    known = limits.identifier("customer_id", request.customer_id, required=True)
    return known, "", limit


def history(
    found: CustomerHistory, items: Iterable[TicketOverview]
) -> _pb.GetCustomerHistoryResponse:
    """Return what a customer has asked before."""
    return _pb.GetCustomerHistoryResponse(
        customer=outgoing_customer(found.customer),
        tickets=[overview(item) for item in items],
        ticket_count=found.total,
        open_ticket_count=found.open,
    )


def panel(found: TicketPanel) -> _pb.GetTicketPanelResponse:
    """Return everything stored that a panel shows first."""
    made = _pb.GetTicketPanelResponse(ticket=outgoing(found.ticket))
    if found.classification is not None:
        made.classification.CopyFrom(
            classification.outgoing(found.classification, found.ticket)
        )
        made.classification_outdated = (
            found.classification.ticket_etag != found.ticket.etag
        )
    if found.escalation is not None:
        made.escalation.CopyFrom(
            classification.outgoing_escalation(found.escalation, found.ticket)
        )
    if found.draft is not None:
        made.draft.CopyFrom(drafts.outgoing(found.draft))
        made.cost_micros_usd = found.draft.usage.cost_micros_usd
    return made


def feedback(request: _pb.RecordFeedbackRequest, actor: str) -> Feedback:
    """Return what a person did or thinks."""
    which = request.WhichOneof("subject")
    if which == "summary_id":
        raise NotAvailable("Feedback on summaries arrives with stored summaries.")
    if request.kind == 0:
        raise limits.missing("kind")
    kind = limits.choice("kind", request.kind, enums.FEEDBACK_IN)
    if kind in (FeedbackKind.USED, FeedbackKind.EDITED) and which != "draft_id":
        raise limits.missing("draft_id")
    if kind is FeedbackKind.CORRECTED and (which != "field" or not request.value):
        raise limits.missing("field" if which != "field" else "value")
    return Feedback(
        ticket_id=limits.identifier("ticket_id", request.ticket_id, required=True),
        kind=kind,
        actor=actor,
        draft_id=limits.identifier("draft_id", request.draft_id),
        field=_field_name(request) if which == "field" else "",
        value=limits.text("value", request.value, limits.MAX_ID),
        edited_text=limits.text(
            "edited_text", request.edited_text, limits.MAX_EDITED_TEXT
        ),
        comment=limits.text("comment", request.comment, limits.MAX_NOTE),
    )


def feedback_recorded(stored: Feedback) -> _pb.RecordFeedbackResponse:
    """Return the identifier of the kept feedback."""
    return _pb.RecordFeedbackResponse(feedback_id=stored.id)


def resolution(request: _pb.RecordResolutionRequest) -> tuple[str, str, int]:
    """Return ticket id, what solved it, and how satisfied the customer is."""
    return (
        limits.identifier("ticket_id", request.ticket_id, required=True),
        limits.text("text", request.text, limits.MAX_RESOLUTION, required=True),
        limits.between("satisfaction", request.satisfaction, 1, 5, 0),
    )


def resolution_recorded(ticket: Ticket) -> _pb.RecordResolutionResponse:
    """Return the ticket as it ended."""
    return _pb.RecordResolutionResponse(ticket=outgoing(ticket))


def export_query(request: _pb.ExportTicketRequest) -> tuple[str, bool]:
    """Return ticket id, and whether Markdown is wanted."""
    if request.format not in _pb.ExportFormat.values():
        raise invalid("format", f"{request.format} is not a value of this enum.")
    if request.public_only:
        raise NotAvailable("Leaving out internal notes arrives with the ticket list.")
    known = limits.identifier("ticket_id", request.ticket_id, required=True)
    return known, request.format == _pb.EXPORT_FORMAT_MARKDOWN


def exported(
    content: str, ticket_id: str, *, as_markdown: bool
) -> _pb.ExportTicketResponse:
    """Return a conversation as a file."""
    ending, media_type = ("md", "text/markdown") if as_markdown else ("json", "json")
    return _pb.ExportTicketResponse(
        content=content.encode(),
        content_type=f"{media_type}; charset=utf-8"
        if as_markdown
        else "application/json",
        file_name=f"{ticket_id}.{ending}",
    )


def _field_name(request: _pb.RecordFeedbackRequest) -> str:
    names = classification_pb2.ClassificationField
    if request.field == 0 or request.field not in names.values():
        raise invalid("field", f"{request.field} is not a part of a classification.")
    return names.Name(request.field).removeprefix("CLASSIFICATION_FIELD_").lower()
