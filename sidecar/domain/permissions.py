"""Which role may call which RPC, as data.

An RPC that is missing here is refused for everyone; a test compares the table with
the protos, and another one calls every RPC with every role.
"""

from __future__ import annotations

from sidecar.domain.access import ADMINISTER, CONNECT, ENTER, READ, WORK, Role

_ONE_CONNECTOR = frozenset({Role.SERVICE})

_BY_SERVICE: dict[str, dict[str, frozenset[Role]]] = {
    "AssistService": {
        "Classify": WORK,
        "Retrieve": READ,
        "DraftReply": WORK,
        "StreamDraftReply": WORK,
        "Summarize": WORK,
        "Escalate": WORK,
    },
    "TicketService": {
        "UpsertTicket": WORK,
        "AddMessage": WORK,
        "GetTicket": READ,
        "ListTickets": READ,
        "FindSimilarTickets": READ,
        "GetCustomerHistory": READ,
        "GetTicketPanel": READ,
        "RecordFeedback": WORK,
        "RecordResolution": WORK,
        "ExportTicket": READ,
        # These follow the helpdesk, so its connector calls them, not a person.
        "MergeTickets": CONNECT,
        "RedactTicket": CONNECT,
        "DeleteTicket": CONNECT,
    },
    "KnowledgeService": {
        "AddDocument": CONNECT,
        "GetDocument": READ,
        "ListDocuments": READ,
        "UpdateDocument": CONNECT,
        "DeleteDocument": CONNECT,
        "ReindexDocuments": CONNECT,
        "GetPassage": READ,
        "ListKnowledgeGaps": READ,
        "UpdateKnowledgeGap": WORK,
    },
    "EscalationService": {
        "ListEscalations": READ,
        "GetEscalation": READ,
        "AcknowledgeEscalation": WORK,
        "AssignEscalation": WORK,
        "ResolveEscalation": WORK,
    },
    "EventService": {
        "PublishEvent": CONNECT,
        "LeaseEvents": CONNECT,
        "RenewLease": CONNECT,
        "CompleteEvent": CONNECT,
        "FailEvent": CONNECT,
        "ListDeadLetters": ADMINISTER,
        "ReplayDeadLetters": ADMINISTER,
        "DiscardDeadLetters": ADMINISTER,
    },
    "ConnectorService": {
        "ListConnectors": CONNECT,
        "GetConnector": CONNECT,
        "SaveConnector": ADMINISTER,
        "TestConnector": ADMINISTER,
        "GetConnectorStatus": CONNECT,
        "ReportConnectorStatus": CONNECT,
        "GetConnectorCredentials": _ONE_CONNECTOR,
        "GetConnectorRecord": CONNECT,
        "PutConnectorRecord": CONNECT,
        "RecordChange": CONNECT,
        "ListChanges": ADMINISTER,
        "RevertChange": ADMINISTER,
        "ReportRevert": CONNECT,
    },
    "SessionService": {
        "CreateSession": ENTER,
        "RefreshSession": READ,
        "RevokeSession": READ,
        "GetMe": READ,
    },
    "PolicyService": {
        "GetTaxonomy": READ,
        "UpdateTaxonomy": ADMINISTER,
        "TrainClassifier": ADMINISTER,
        "ListClassifierVersions": ADMINISTER,
        "ActivateClassifierVersion": ADMINISTER,
        "GetEscalationRules": READ,
        "UpdateEscalationRules": ADMINISTER,
        "TestEscalationRules": ADMINISTER,
        "ListReplyTemplates": READ,
        "GetReplyTemplate": READ,
        "CreateReplyTemplate": ADMINISTER,
        "UpdateReplyTemplate": ADMINISTER,
        "DeleteReplyTemplate": ADMINISTER,
        "PreviewReplyTemplate": WORK,
        "GetFeatureFlags": READ,
        "UpdateFeatureFlags": ADMINISTER,
        "GetBudget": ADMINISTER,
        "UpdateBudget": ADMINISTER,
        "ListQuarantine": ADMINISTER,
        "ReleaseQuarantined": ADMINISTER,
        "DiscardQuarantined": ADMINISTER,
    },
    "WebhookService": {
        "CreateWebhookEndpoint": ADMINISTER,
        "GetWebhookEndpoint": CONNECT,
        "ListWebhookEndpoints": CONNECT,
        "UpdateWebhookEndpoint": ADMINISTER,
        "DeleteWebhookEndpoint": ADMINISTER,
        "TestWebhookEndpoint": ADMINISTER,
        "ListWebhookDeliveries": ADMINISTER,
        "ReplayWebhookDeliveries": ADMINISTER,
        "RecordWebhookDelivery": CONNECT,
    },
    "AccessService": {
        "CreateApiKey": ADMINISTER,
        "ListApiKeys": ADMINISTER,
        "RevokeApiKey": ADMINISTER,
        "ListMembers": ADMINISTER,
        "CreateMember": ADMINISTER,
        "UpdateMember": ADMINISTER,
        "DeleteMember": ADMINISTER,
        "LinkAccount": CONNECT,
        "ListAuditEntries": ADMINISTER,
        "VerifyAuditLog": ADMINISTER,
    },
    "InsightService": {
        "GetAnalytics": READ,
        "GetTemplateEffectiveness": READ,
        "GetStatus": READ,
        "ListJobs": READ,
        "GetJob": READ,
        "CancelJob": ADMINISTER,
        "StartReplay": ADMINISTER,
        "StartEvaluation": ADMINISTER,
    },
    "PrivacyService": {
        "ExportCustomer": ADMINISTER,
        "EraseCustomer": ADMINISTER,
        "GetErasureReceipt": ADMINISTER,
    },
}

PERMISSIONS: dict[str, frozenset[Role]] = {
    f"/sidecar.v1.{service}/{rpc}": roles
    for service, rpcs in _BY_SERVICE.items()
    for rpc, roles in rpcs.items()
} | {
    # Reflection lists every method, so it stands behind a key like the rest.
    f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo": READ
    for version in ("v1", "v1alpha")
}


def may(role: Role, method: str) -> bool:
    """Say whether ``role`` may call ``method`` (``/package.Service/Rpc``)."""
    return role in PERMISSIONS.get(method, frozenset())


def allowed_methods(role: Role) -> tuple[str, ...]:
    """Return every method this role may call, sorted."""
    return tuple(sorted(m for m, roles in PERMISSIONS.items() if role in roles))
