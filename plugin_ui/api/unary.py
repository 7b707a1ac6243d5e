"""The calls that are one question and one answer, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify
from google.protobuf.message import Message

from plugin_ui.api.bearer import call_options, person
from plugin_ui.wire import from_body, from_query, set_field, to_json
from sidecar.v1 import (
    assist_pb2,
    escalation_pb2,
    insight_pb2,
    knowledge_pb2,
    policy_pb2,
    session_pb2,
    ticket_service_pb2,
)

bp = Blueprint("unary", __name__, url_prefix="/api")


@dataclass(frozen=True, slots=True)
class Call:
    """One RPC under an address; names in the path are fields of the request."""

    verb: str
    path: str
    service: str
    rpc: str
    request: type[Message]


CALLS = (
    Call("GET", "/me", "sessions", "GetMe", session_pb2.GetMeRequest),
    Call(
        "GET",
        "/tickets",
        "tickets",
        "ListTickets",
        ticket_service_pb2.ListTicketsRequest,
    ),
    Call(
        "POST",
        "/tickets",
        "tickets",
        "UpsertTicket",
        ticket_service_pb2.UpsertTicketRequest,
    ),
    Call(
        "POST",
        "/tickets/find",
        "tickets",
        "GetTicketPanel",
        ticket_service_pb2.GetTicketPanelRequest,
    ),
    Call(
        "GET",
        "/tickets/<ticket_id>/panel",
        "tickets",
        "GetTicketPanel",
        ticket_service_pb2.GetTicketPanelRequest,
    ),
    Call(
        "GET",
        "/tickets/<ticket_id>/similar",
        "tickets",
        "FindSimilarTickets",
        ticket_service_pb2.FindSimilarTicketsRequest,
    ),
    Call(
        "GET",
        "/tickets/<ticket_id>/history",
        "tickets",
        "GetCustomerHistory",
        ticket_service_pb2.GetCustomerHistoryRequest,
    ),
    Call(
        "POST",
        "/tickets/<ticket_id>/messages",
        "tickets",
        "AddMessage",
        ticket_service_pb2.AddMessageRequest,
    ),
    Call(
        "POST",
        "/tickets/<ticket_id>/feedback",
        "tickets",
        "RecordFeedback",
        ticket_service_pb2.RecordFeedbackRequest,
    ),
    Call(
        "POST",
        "/tickets/<ticket_id>/classify",
        "assist",
        "Classify",
        assist_pb2.ClassifyRequest,
    ),
    Call(
        "POST",
        "/tickets/<ticket_id>/summary",
        "assist",
        "Summarize",
        assist_pb2.SummarizeRequest,
    ),
    Call(
        "POST",
        "/tickets/<ticket_id>/escalate",
        "assist",
        "Escalate",
        assist_pb2.EscalateRequest,
    ),
    Call("POST", "/passages/search", "assist", "Retrieve", assist_pb2.RetrieveRequest),
    Call(
        "GET",
        "/documents",
        "knowledge",
        "ListDocuments",
        knowledge_pb2.ListDocumentsRequest,
    ),
    Call(
        "GET",
        "/documents/<document_id>",
        "knowledge",
        "GetDocument",
        knowledge_pb2.GetDocumentRequest,
    ),
    Call(
        "DELETE",
        "/documents/<document_id>",
        "knowledge",
        "DeleteDocument",
        knowledge_pb2.DeleteDocumentRequest,
    ),
    Call(
        "GET",
        "/escalations",
        "escalations",
        "ListEscalations",
        escalation_pb2.ListEscalationsRequest,
    ),
    Call(
        "POST",
        "/escalations/<escalation_id>/acknowledge",
        "escalations",
        "AcknowledgeEscalation",
        escalation_pb2.AcknowledgeEscalationRequest,
    ),
    Call(
        "POST",
        "/escalations/<escalation_id>/resolve",
        "escalations",
        "ResolveEscalation",
        escalation_pb2.ResolveEscalationRequest,
    ),
    Call("GET", "/status", "insight", "GetStatus", insight_pb2.GetStatusRequest),
    Call("GET", "/taxonomy", "policies", "GetTaxonomy", policy_pb2.GetTaxonomyRequest),
)


def _handler(call: Call) -> Callable[..., Response]:
    read = from_body if call.verb == "POST" else from_query

    def handle(**path: str) -> Response:
        client = person()
        message = read(call.request)
        for name, value in path.items():
            set_field(message, name, value)
        rpc: Any = getattr(getattr(client, call.service), call.rpc)
        return jsonify(to_json(rpc(message, **call_options())))

    return handle


for _call in CALLS:
    bp.add_url_rule(
        _call.path,
        f"{_call.verb}-{_call.rpc}-{_call.path.count('<')}",
        _handler(_call),
        methods=[_call.verb],
    )
