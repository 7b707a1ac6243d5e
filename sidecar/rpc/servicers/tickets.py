"""Tickets, their history and what agents say about suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import following
from sidecar.rpc.translate import ticket_service as translate
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.export_ticket import export_ticket
from sidecar.usecases.find_similar import find_similar
from sidecar.usecases.find_ticket import find_ticket
from sidecar.usecases.follow_helpdesk import (
    delete_ticket,
    merge_tickets,
    redact_ticket,
)
from sidecar.usecases.history import customer_history
from sidecar.usecases.overviews import ticket_overviews
from sidecar.usecases.panel import ticket_panel
from sidecar.usecases.tickets import (
    add_message,
    list_tickets,
    record_feedback,
    record_resolution,
    upsert_ticket,
)

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import ticket_service_pb2 as pb


class Tickets:
    """``TicketService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def upsert_ticket(
        self, request: pb.UpsertTicketRequest, call: Call
    ) -> pb.UpsertTicketResponse:
        """Create a ticket or bring it up to date."""
        ticket = translate.ticket_to_store(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: upsert_ticket(self._ports, call.caller, ticket, finish),
            translate.upserted,
        )

    def add_message(
        self, request: pb.AddMessageRequest, call: Call
    ) -> pb.AddMessageResponse:
        """Add a turn to a conversation."""
        ticket_id, message, etag = translate.message_to_add(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: add_message(
                self._ports, call.caller, ticket_id, message, etag, finish
            ),
            lambda ticket: translate.message_added(ticket, message),
        )

    def get_ticket(
        self, request: pb.GetTicketRequest, call: Call
    ) -> pb.GetTicketResponse:
        """Return a ticket with its conversation."""
        ticket_id = self._ticket_id(request, call)
        panel = ticket_panel(self._ports, call.caller, ticket_id)
        return translate.ticket(panel)

    def list_tickets(
        self, request: pb.ListTicketsRequest, call: Call
    ) -> pb.ListTicketsResponse:
        """Return a page of tickets."""
        where, size = translate.ticket_filter(request), page_size(request.page_size)
        cursor = self._desk.pages.open(call, request)
        page = list_tickets(self._ports, call.caller, where, size, cursor)
        overviews = ticket_overviews(self._ports, call.caller, page.items)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return translate.ticket_page(overviews, token)

    def find_similar_tickets(
        self, request: pb.FindSimilarTicketsRequest, call: Call
    ) -> pb.FindSimilarTicketsResponse:
        """Return tickets about the same thing."""
        target, text, top_k = translate.similar_query(request)
        found = find_similar(self._ports, call.caller, target, text, top_k)
        return translate.similar(found)

    def get_customer_history(
        self, request: pb.GetCustomerHistoryRequest, call: Call
    ) -> pb.GetCustomerHistoryResponse:
        """Return what a customer has asked before."""
        customer_id, ticket_id, limit = translate.history_query(request)
        history = customer_history(
            self._ports, call.caller, customer_id, ticket_id, limit
        )
        overviews = ticket_overviews(self._ports, call.caller, history.recent)
        return translate.history(history, overviews)

    def get_ticket_panel(
        self, request: pb.GetTicketPanelRequest, call: Call
    ) -> pb.GetTicketPanelResponse:
        """Return everything stored that a panel shows first."""
        ticket_id = self._ticket_id(request, call)
        panel = ticket_panel(self._ports, call.caller, ticket_id)
        return translate.panel(panel)

    def record_feedback(
        self, request: pb.RecordFeedbackRequest, call: Call
    ) -> pb.RecordFeedbackResponse:
        """Keep what a person did with a suggestion."""
        feedback = translate.feedback(request, call.caller.actor)
        return self._desk.once.run(
            call,
            request,
            lambda finish: record_feedback(self._ports, call.caller, feedback, finish),
            translate.feedback_recorded,
        )

    def record_resolution(
        self, request: pb.RecordResolutionRequest, call: Call
    ) -> pb.RecordResolutionResponse:
        """Keep how a ticket ended."""
        ticket_id, text, satisfaction = translate.resolution(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: record_resolution(
                self._ports, call.caller, ticket_id, text, satisfaction, finish
            ),
            translate.resolution_recorded,
        )

    def merge_tickets(
        self, request: pb.MergeTicketsRequest, call: Call
    ) -> pb.MergeTicketsResponse:
        """Follow a merge in the helpdesk."""
        target, sources = following.merge(request)
        return self._desk.once.run(
            call,
            request,
            lambda done: merge_tickets(self._ports, call.caller, target, sources, done),
            following.merged,
        )

    def redact_ticket(
        self, request: pb.RedactTicketRequest, call: Call
    ) -> pb.RedactTicketResponse:
        """Follow a redaction in the helpdesk."""
        ticket_id, messages, texts = following.redaction(request)
        return self._desk.once.run(
            call,
            request,
            lambda done: redact_ticket(
                self._ports, call.caller, ticket_id, messages, texts, done
            ),
            following.redacted,
        )

    def delete_ticket(
        self, request: pb.DeleteTicketRequest, call: Call
    ) -> pb.DeleteTicketResponse:
        """Follow a deletion in the helpdesk."""
        ticket_id = identifier("ticket_id", request.ticket_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda done: delete_ticket(self._ports, call.caller, ticket_id, done),
            lambda _: following.deleted(),
        )

    def export_ticket(
        self, request: pb.ExportTicketRequest, call: Call
    ) -> pb.ExportTicketResponse:
        """Write a conversation out."""
        ticket_id, as_markdown = translate.export_query(request)
        content = export_ticket(self._ports, call.caller, ticket_id, as_markdown)
        return translate.exported(content, ticket_id, as_markdown=as_markdown)

    def _ticket_id(
        self, request: pb.GetTicketRequest | pb.GetTicketPanelRequest, call: Call
    ) -> str:
        if request.WhichOneof("key") != "external":
            return identifier("ticket_id", request.ticket_id, required=True)
        connector, external_id = translate.external_key(request.external)
        return find_ticket(self._ports, call.caller, connector, external_id).id
