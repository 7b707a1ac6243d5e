"""Tables that must agree with the protos, and with each other."""

from __future__ import annotations

import pytest

from sidecar.client_calls import DEADLINES, READING
from sidecar.domain.access import Role
from sidecar.domain.permissions import PERMISSIONS, allowed_methods, may
from sidecar.rpc import registry
from sidecar.rpc.contract import RPCS, python_name
from sidecar.rpc.interceptors.deadline import Deadlines
from sidecar.rpc.not_available import SENTENCES
from sidecar.rpc.servicers import (
    access,
    assist,
    connectors,
    escalations,
    events,
    insight,
    knowledge,
    policies,
    sessions,
    tickets,
)

_SERVICERS = {
    "AccessService": access.Access,
    "AssistService": assist.Assist,
    "ConnectorService": connectors.Connectors,
    "EscalationService": escalations.Escalations,
    "EventService": events.Events,
    "InsightService": insight.Insight,
    "KnowledgeService": knowledge.Knowledge,
    "PolicyService": policies.Policies,
    "SessionService": sessions.Sessions,
    "TicketService": tickets.Tickets,
}

# No request id, and not among the verbs that only read: events, leases and sessions
# have protection of their own, the others only look or try something out. The client
# does not repeat them by itself; PublishEvent it does, as if it only read.
_NEITHER = {
    "CompleteEvent",
    "CreateSession",
    "ExportCustomer",
    "ExportTicket",
    "FailEvent",
    "LeaseEvents",
    "LinkAccount",
    "PreviewReplyTemplate",
    "PutConnectorRecord",
    "RecordChange",
    "RecordWebhookDelivery",
    "RefreshSession",
    "RenewLease",
    "ReportConnectorStatus",
    "ReportRevert",
    "RevokeSession",
    "TestConnector",
    "TestEscalationRules",
    "TestWebhookEndpoint",
    "VerifyAuditLog",
}


def test_the_permission_table_names_every_rpc_and_no_other() -> None:
    """An RPC without a line could be called by nobody; a line without one is a typo."""
    ours = {path for path in PERMISSIONS if path.startswith("/sidecar.v1.")}
    assert ours == set(RPCS)


def test_every_rpc_is_called_by_somebody() -> None:
    """An empty set of roles would be an RPC nobody can use."""
    assert PERMISSIONS
    assert all(PERMISSIONS.values())


def test_a_panel_key_may_only_open_sessions() -> None:
    """Whoever steals it can do nothing without a person's credential."""
    assert allowed_methods(Role.PANEL) == ("/sidecar.v1.SessionService/CreateSession",)


def test_viewers_change_nothing() -> None:
    """What a viewer may call only reads, apart from its own session."""
    allowed = allowed_methods(Role.VIEWER)
    assert allowed, "nothing was looked at"
    for path in allowed:
        name = path.rpartition("/")[2]
        own = (
            "RefreshSession",
            "RevokeSession",
            "ServerReflectionInfo",
            "ExportTicket",
        )
        assert name.startswith(READING) or name in own


def test_an_unknown_method_is_nobodys() -> None:
    """Missing from the table means refused."""
    assert not any(may(role, "/sidecar.v1.AssistService/Nope") for role in Role)


@pytest.mark.parametrize("path", sorted(RPCS))
def test_an_rpc_is_answered_or_says_why_not(path: str) -> None:
    """Never both: a sentence left behind would hide finished work."""
    rpc = RPCS[path]
    service = rpc.service.rpartition(".")[2]
    servicer = _SERVICERS.get(service)
    answered = servicer is not None and hasattr(servicer, python_name(rpc.name))
    assert answered != (f"{service}/{rpc.name}" in SENTENCES)


def test_every_sentence_belongs_to_an_rpc() -> None:
    """A renamed RPC leaves no sentence behind."""
    known = {f"{r.service.rpartition('.')[2]}/{r.name}" for r in RPCS.values()}
    assert set(SENTENCES) <= known


def test_every_servicer_is_registered() -> None:
    """The registry builds without a hole."""
    names = {name for name in vars(registry) if name in _class_names()}
    assert names == _class_names()


def _class_names() -> set[str]:
    return {servicer.__name__ for servicer in _SERVICERS.values()}


def test_deadlines_name_real_rpcs() -> None:
    """A misspelt name would silently get the default."""
    names = {rpc.name for rpc in RPCS.values()}
    assert set(DEADLINES) <= names
    assert set(Deadlines().by_method) <= names


def test_reading_rpcs_carry_no_request_id_and_others_do() -> None:
    """The client repeats what only reads; whatever works can be made once."""
    reading = {rpc.name for rpc in RPCS.values() if rpc.name.startswith(READING)}
    once = {
        rpc.name
        for rpc in RPCS.values()
        if "request_id" in rpc.request.DESCRIPTOR.fields_by_name
    }
    uploads = {rpc.name for rpc in RPCS.values() if rpc.streams_in}
    assert reading & once == set()
    assert {rpc.name for rpc in RPCS.values()} - reading - once - uploads == _NEITHER


@pytest.mark.parametrize(
    ("rpc", "name"), [("DraftReply", "draft_reply"), ("GetMe", "get_me")]
)
def test_methods_are_named_after_their_rpc(rpc: str, name: str) -> None:
    """The name in Python follows from the name in the proto."""
    assert python_name(rpc) == name
