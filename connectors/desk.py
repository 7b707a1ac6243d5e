"""What a connector asks of the sidecar, in its own words and errors.

Every request that causes work carries a key made of what it is about, so that a
second attempt, a second process or a second way of hearing the same thing (webhook
and poll) gets the first answer instead of a second effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from connectors.events import GiveUp, Inbound, TryAgain
from connectors.gateway import publish
from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import (
    assist_pb2,
    connector_pb2,
    escalation_pb2,
    knowledge_pb2,
    policy_pb2,
    ticket_pb2,
)
from sidecar.v1 import ticket_service_pb2 as tickets_pb2

_Answer = TypeVar("_Answer")
# The key and its body were used before: what it asks for has been done.
_DONE_BEFORE = "REQUEST_ID_REUSED"
_NEVER = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
)


class Desk:
    """The sidecar as one connector of one workspace sees it.

    Every method raises ``TryAgain`` or ``GiveUp``, never a gRPC error.
    """

    def __init__(self, client: SidecarClient, connector: str, workspace: str) -> None:
        self.client = client
        self.connector = connector
        self.workspace = workspace

    def key(self, *parts: str) -> str:
        """Return an idempotency key of what a request is about."""
        digest = hashlib.sha256("\0".join((self.workspace, *parts)).encode())
        return f"{self.connector}:{digest.hexdigest()[:40]}"

    def publish(self, event: Inbound) -> bool:
        """Store an event; return whether it was here already."""
        return _call(lambda: publish(self.client, self.connector, event))

    def upsert(self, ticket: ticket_pb2.Ticket) -> tickets_pb2.UpsertTicketResponse:
        """Bring a ticket up to date; an older copy changes nothing."""
        request = tickets_pb2.UpsertTicketRequest(ticket=ticket)
        return _call(lambda: self.client.tickets.UpsertTicket(request))

    def ask(self, call: Callable[[SidecarClient], _Answer]) -> _Answer:
        """Make any call of the sidecar."""
        return _call(lambda: call(self.client))

    def find(self, external_id: str, connector: str = "") -> ticket_pb2.Ticket | None:
        """Return a stored ticket by the vendor's identifier, None when not here."""
        key = tickets_pb2.ExternalTicketKey(
            connector=connector or self.connector, external_id=external_id
        )
        request = tickets_pb2.GetTicketRequest(external=key)
        found = _unless_missing(lambda: self.client.tickets.GetTicket(request))
        return None if found is None else found.ticket

    def get(self, ticket_id: str) -> ticket_pb2.Ticket | None:
        """Return a stored ticket by our identifier, None when it is not here."""
        request = tickets_pb2.GetTicketRequest(ticket_id=ticket_id)
        found = _unless_missing(lambda: self.client.tickets.GetTicket(request))
        return None if found is None else found.ticket

    def stored(self, external_id: str) -> tickets_pb2.GetTicketPanelResponse | None:
        """Return what is stored under the vendor's identifier, None when not here."""
        key = tickets_pb2.ExternalTicketKey(
            connector=self.connector, external_id=external_id
        )
        request = tickets_pb2.GetTicketPanelRequest(external=key)
        return _unless_missing(lambda: self.client.tickets.GetTicketPanel(request))

    def classify(self, ticket_id: str, key: str) -> assist_pb2.ClassifyResponse:
        """Classify a stored ticket, once for the key."""
        request = assist_pb2.ClassifyRequest(request_id=key, ticket_id=ticket_id)
        return _call(lambda: self.client.assist.Classify(request, timeout=30))

    def first_draft(self, ticket_id: str, version: str) -> assist_pb2.Draft:
        """Return the draft for a state of a ticket, made when it is first asked for."""
        request = assist_pb2.DraftReplyRequest(
            request_id=self.key("draft", ticket_id, version),
            ticket_id=ticket_id,
            purpose=assist_pb2.DRAFT_PURPOSE_INITIAL_RESPONSE,
        )
        return _call(lambda: self.client.assist.DraftReply(request)).draft

    def similar(self, ticket_id: str, top_k: int) -> list[tickets_pb2.SimilarTicket]:
        """Return tickets about the same thing."""
        request = tickets_pb2.FindSimilarTicketsRequest(
            ticket_id=ticket_id, top_k=top_k
        )
        found = _call(lambda: self.client.tickets.FindSimilarTickets(request))
        return list(found.tickets)

    def summarize(
        self, ticket_id: str, kind: assist_pb2.SummaryKind.ValueType
    ) -> assist_pb2.Summary:
        """Summarise a stored ticket."""
        request = assist_pb2.SummarizeRequest(ticket_id=ticket_id, kind=kind)
        return _call(lambda: self.client.assist.Summarize(request)).summary

    def record_feedback(self, request: tickets_pb2.RecordFeedbackRequest) -> bool:
        """Keep what became of a draft; False when that was kept before."""
        return _once(lambda: self.client.tickets.RecordFeedback(request))

    def record_resolution(self, ticket_id: str, text: str, key: str) -> bool:
        """Keep how a ticket ended; False when that was kept before."""
        request = tickets_pb2.RecordResolutionRequest(
            request_id=key, ticket_id=ticket_id, text=text
        )
        return _once(lambda: self.client.tickets.RecordResolution(request))

    def merge(self, target_id: str, source_id: str, key: str) -> bool:
        """Follow a merge; False when it was followed before."""
        request = tickets_pb2.MergeTicketsRequest(
            request_id=key, target_ticket_id=target_id, source_ticket_ids=[source_id]
        )
        return _once(lambda: self.client.tickets.MergeTickets(request))

    def redact(self, ticket_id: str, message_ids: list[str], key: str) -> bool:
        """Follow a redaction; False when it was followed before."""
        request = tickets_pb2.RedactTicketRequest(
            request_id=key, ticket_id=ticket_id, message_ids=message_ids
        )
        return _once(lambda: self.client.tickets.RedactTicket(request))

    def delete(self, ticket_id: str, key: str) -> bool:
        """Follow a deletion; False when the ticket is not here any more."""
        request = tickets_pb2.DeleteTicketRequest(request_id=key, ticket_id=ticket_id)
        done = _unless_missing(lambda: self.client.tickets.DeleteTicket(request))
        return done is not None

    def escalation(self, escalation_id: str) -> escalation_pb2.Escalation | None:
        """Return an escalation, None when it is not here."""
        request = escalation_pb2.GetEscalationRequest(escalation_id=escalation_id)
        found = _unless_missing(lambda: self.client.escalations.GetEscalation(request))
        return None if found is None else found.escalation

    def add_document(self, body: bytes, header: knowledge_pb2.AddDocumentHeader) -> str:
        """Store a document of the helpdesk and return its identifier."""
        return _call(lambda: self.client.upload(body, header)).document.document_id

    def documents(self, source: str) -> dict[str, tuple[str, str]]:
        """Return (identifier, SHA-256) of each document of a collection, by name."""
        found: dict[str, tuple[str, str]] = {}
        request = knowledge_pb2.ListDocumentsRequest(sources=[source], page_size=200)
        while True:
            page = _call(lambda: self.client.knowledge.ListDocuments(request))
            for item in page.documents:
                found[item.file_name] = (item.document_id, item.sha256)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def delete_document(self, document_id: str) -> None:
        """Remove a document that the helpdesk has no more."""
        request = knowledge_pb2.DeleteDocumentRequest(document_id=document_id)
        _unless_missing(lambda: self.client.knowledge.DeleteDocument(request))

    def record(self, key: str) -> tuple[bytes, str]:
        """Return a small kept fact and its version; (b"", "") when there is none."""
        request = connector_pb2.GetConnectorRecordRequest(
            connector=self.connector, key=key
        )
        found = _unless_missing(
            lambda: self.client.connectors.GetConnectorRecord(request)
        )
        if found is None or not found.HasField("record"):
            return b"", ""
        return found.record.value, found.record.etag

    def keep(self, key: str, value: bytes, etag: str) -> str:
        """Keep a small fact and return its new version.

        Raises ``TryAgain`` when another process has changed it meanwhile.
        """
        record = connector_pb2.ConnectorRecord(
            connector=self.connector, key=key, value=value, etag=etag
        )
        request = connector_pb2.PutConnectorRecordRequest(record=record)
        return _call(
            lambda: self.client.connectors.PutConnectorRecord(request)
        ).record.etag

    def record_change(self, change: connector_pb2.VendorChange) -> None:
        """Write down what was changed at the vendor, once for its mark and field."""
        request = connector_pb2.RecordChangeRequest(change=change)
        _call(lambda: self.client.connectors.RecordChange(request))

    def flags(self) -> dict[str, bool]:
        """Return the workspace's switches, such as ``writing_paused``, by name."""
        request = policy_pb2.GetFeatureFlagsRequest()
        found = _unless_missing(lambda: self.client.policies.GetFeatureFlags(request))
        return {flag.name: flag.enabled for flag in found.flags} if found else {}


def explain(error: SidecarError) -> TryAgain | GiveUp:
    """Turn a failed call into what the worker does next.

    A thing that was there a moment ago and is not any more is a reason to look again.
    """
    reason = error.reason or error.code.name
    if error.code in _NEVER:
        return GiveUp(reason, "The sidecar will not do this; see its log.")
    return TryAgain(reason, "The sidecar could not do this now.", error.retry_after)


def _call(ask: Callable[[], _Answer]) -> _Answer:
    try:
        return ask()
    except SidecarError as error:
        raise explain(error) from None


def _once(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except SidecarError as error:
        if error.reason == _DONE_BEFORE:
            return False
        raise explain(error) from None
    return True


def _unless_missing(ask: Callable[[], _Answer]) -> _Answer | None:
    try:
        return ask()
    except SidecarError as error:
        if error.code in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED):
            return None
        raise explain(error) from None
