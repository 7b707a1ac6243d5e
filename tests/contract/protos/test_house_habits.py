"""The contract keeps the habits that callers rely on, beyond what Buf checks."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)

from tests.needs import REPOSITORY

# What outsiders were promised; a service may have more calls, never fewer.
PROMISED = {
    "AssistService": "Classify Retrieve DraftReply StreamDraftReply Summarize Escalate",
    "TicketService": "UpsertTicket AddMessage GetTicket ListTickets FindSimilarTickets "
    "GetCustomerHistory GetTicketPanel RecordFeedback RecordResolution ExportTicket "
    "MergeTickets RedactTicket DeleteTicket",
    "KnowledgeService": "AddDocument GetDocument ListDocuments DeleteDocument "
    "ReindexDocuments ListKnowledgeGaps",
    "EscalationService": "ListEscalations AcknowledgeEscalation AssignEscalation "
    "ResolveEscalation",
    "EventService": "PublishEvent LeaseEvents RenewLease CompleteEvent FailEvent "
    "ListDeadLetters ReplayDeadLetters DiscardDeadLetters",
    "ConnectorService": "ListConnectors GetConnector SaveConnector TestConnector "
    "GetConnectorStatus GetConnectorCredentials",
    "SessionService": "CreateSession RefreshSession RevokeSession GetMe",
    "PolicyService": "GetTaxonomy UpdateTaxonomy GetEscalationRules "
    "UpdateEscalationRules TestEscalationRules ListReplyTemplates GetFeatureFlags "
    "UpdateFeatureFlags GetBudget UpdateBudget ListQuarantine ReleaseQuarantined",
    "WebhookService": "CreateWebhookEndpoint GetWebhookEndpoint ListWebhookEndpoints "
    "UpdateWebhookEndpoint DeleteWebhookEndpoint TestWebhookEndpoint "
    "ListWebhookDeliveries",
    "AccessService": "CreateApiKey ListApiKeys RevokeApiKey ListMembers CreateMember "
    "UpdateMember DeleteMember ListAuditEntries VerifyAuditLog",
    "InsightService": "GetAnalytics GetTemplateEffectiveness GetStatus ListJobs GetJob",
    "PrivacyService": "ExportCustomer EraseCustomer",
}
READING = re.compile(r"^(Get|List|Find|Retrieve|Export|Preview|Test|Verify)")
# These carry another guard against repeats.
GUARDED_OTHERWISE = {
    "PublishEvent": "the source's own event identifier",
    "LeaseEvents": "a lease that is lost comes back",
    "RenewLease": "the lease token",
    "CompleteEvent": "the lease token",
    "FailEvent": "the lease token",
    "CreateSession": "a new session takes nothing from an old one",
    "RefreshSession": "the session's own token",
    "RevokeSession": "ending twice is ending once",
    "ReportConnectorStatus": "the last report counts",
    "PutConnectorRecord": "the record's etag",
    "RecordChange": "mark and field name it",
    "ReportRevert": "saying the same twice is saying it once",
    "RecordWebhookDelivery": "delivery and attempt name it",
    "LinkAccount": "the account names it",
}


ONE_PAGE = {
    "ListConnectors": "the handful of connectors is part of the product",
    "ListClassifierVersions": "only the newest five are kept",
}


def files() -> list[FileDescriptor]:
    """Return every file of the contract as Python sees it."""
    names = sorted((REPOSITORY / "protos" / "sidecar" / "v1").glob("*.proto"))
    modules = (importlib.import_module(f"sidecar.v1.{path.stem}_pb2") for path in names)
    return [module.DESCRIPTOR for module in modules]


def services() -> dict[str, ServiceDescriptor]:
    """Return every service by its name."""
    return {
        name: service
        for file in files()
        for name, service in file.services_by_name.items()
    }


def fields() -> Iterator[FieldDescriptor]:
    """Yield every field of every message."""
    for file in files():
        for message in file.message_types_by_name.values():
            yield from message.fields


def methods() -> Iterator[MethodDescriptor]:
    """Yield every call."""
    for service in services().values():
        yield from service.methods


def test_every_promised_call_is_there() -> None:
    """Each service has at least the calls that outsiders were promised."""
    found = services()
    assert found.keys() == PROMISED.keys()
    for name, calls in PROMISED.items():
        assert set(calls.split()) <= set(found[name].methods_by_name), name


def header_of(request: Descriptor) -> Descriptor:
    """Return what carries a request's own fields: of an upload, its header."""
    header = request.fields_by_name.get("header")
    return (header and header.message_type) or request


@pytest.mark.parametrize(
    "method",
    [
        method
        for method in methods()
        if not READING.match(method.name) and method.name not in GUARDED_OTHERWISE
    ],
    ids=lambda method: method.name,
)
def test_work_can_be_repeated_safely(method: MethodDescriptor) -> None:
    """A request that causes work carries `request_id` as its field 1."""
    field = header_of(method.input_type).fields_by_name.get("request_id")
    assert field is not None
    assert field.number == 1


@pytest.mark.parametrize(
    "method",
    [
        method
        for method in methods()
        if method.name.startswith("List") and method.name not in ONE_PAGE
    ],
    ids=lambda method: method.name,
)
def test_lists_come_in_pages(method: MethodDescriptor) -> None:
    """A list takes page_size and page_token and answers next_page_token."""
    assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
    assert "next_page_token" in method.output_type.fields_by_name


def test_no_request_chooses_its_workspace() -> None:
    """The key or session decides the workspace: no caller can name one."""
    named = {field.full_name for field in fields() if "workspace" in field.name}
    assert named == {
        "sidecar.v1.GetMeResponse.workspace_id",
        "sidecar.v1.GetMeResponse.workspace_name",
    }


def test_values_have_the_types_their_names_promise() -> None:
    """Probabilities are double, money int64, moments Timestamp."""
    for field in fields():
        last = field.name.rsplit("_", 1)[-1]
        if last in {"confidence", "score", "risk", "share"}:
            assert field.type == FieldDescriptor.TYPE_DOUBLE, field.full_name
        if field.name.endswith("micros_usd"):
            assert field.type == FieldDescriptor.TYPE_INT64, field.full_name
        if last == "at" or field.name.endswith("_time"):
            assert field.message_type is not None, field.full_name
            assert field.message_type.full_name == "google.protobuf.Timestamp"


def test_a_ticket_is_given_inline_or_by_our_identifier() -> None:
    """The calls that work on a ticket take either, never both."""
    for name in (
        "Classify",
        "DraftReply",
        "StreamDraftReply",
        "Summarize",
        "Escalate",
    ):
        request = services()["AssistService"].methods_by_name[name].input_type
        target = request.oneofs_by_name["target"]
        assert [field.name for field in target.fields] == ["ticket", "ticket_id"]
