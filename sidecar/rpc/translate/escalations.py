"""Requests and answers of the escalation service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.domain.escalation import EscalationState
from sidecar.errors import NotAvailable
from sidecar.rpc.translate import enums, limits
from sidecar.rpc.translate.classification import outgoing_escalation
from sidecar.v1 import escalation_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sidecar.domain.access import Principal
    from sidecar.domain.escalation import Escalation
    from sidecar.usecases.escalations import NamedEscalation


def states(request: escalation_pb2.ListEscalationsRequest) -> list[EscalationState]:
    """Return the states to list; none means all."""
    if request.level_min or request.assignee or request.ticket_id:
        raise NotAvailable("Escalations can be filtered by state only, for now.")
    limits.check_count("states", len(request.states), len(EscalationState))
    return [
        limits.choice(f"states[{i}]", number, enums.ESCALATION_STATE_IN)
        for i, number in enumerate(request.states)
    ]


def which(request: Any) -> tuple[str, str]:
    """Return escalation id and etag of a request that changes one."""
    return (
        limits.identifier("escalation_id", request.escalation_id, required=True),
        limits.identifier("etag", request.etag, required=True),
    )


def note(field: str, value: str) -> str:
    """Return what was said."""
    return limits.text(field, value, limits.MAX_NOTE)


def assignee(request: escalation_pb2.AssignEscalationRequest, caller: Principal) -> str:
    """Return who gets it; empty means the one who acts."""
    given = limits.identifier("assignee", request.assignee)
    return given or caller.member_id or caller.actor


def page(
    items: Iterable[NamedEscalation], token: str
) -> escalation_pb2.ListEscalationsResponse:
    """Return a page of escalations."""
    return escalation_pb2.ListEscalationsResponse(
        escalations=[
            outgoing_escalation(item.escalation, item.ticket, item.names)
            for item in items
        ],
        next_page_token=token,
    )


def acknowledged(
    found: Escalation,
) -> escalation_pb2.AcknowledgeEscalationResponse:
    """Return the acknowledged escalation."""
    return escalation_pb2.AcknowledgeEscalationResponse(
        escalation=outgoing_escalation(found)
    )


def assigned(found: Escalation) -> escalation_pb2.AssignEscalationResponse:
    """Return the assigned escalation."""
    return escalation_pb2.AssignEscalationResponse(
        escalation=outgoing_escalation(found)
    )


def resolved(found: Escalation) -> escalation_pb2.ResolveEscalationResponse:
    """Return the resolved escalation."""
    return escalation_pb2.ResolveEscalationResponse(
        escalation=outgoing_escalation(found)
    )


def one(found: NamedEscalation) -> escalation_pb2.GetEscalationResponse:
    """Return one escalation."""
    return escalation_pb2.GetEscalationResponse(
        escalation=outgoing_escalation(found.escalation, found.ticket, found.names)
    )
