"""Escalations: list them, move them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.message import Message

from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.rpc.translate import escalations as translate
from sidecar.rpc.translate.assist import on_behalf_of
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.accounts import acting_for
from sidecar.usecases.escalations import (
    change_escalation,
    get_escalation,
    list_escalations,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import escalation_pb2 as pb

M = TypeVar("M", bound=Message)


class Escalations:
    """``EscalationService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def list_escalations(
        self, request: pb.ListEscalationsRequest, call: Call
    ) -> pb.ListEscalationsResponse:
        """Return a page of escalations, newest first."""
        states, size = translate.states(request), page_size(request.page_size)
        cursor = self._desk.pages.open(call, request)
        page = list_escalations(self._ports, call.caller, states, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return translate.page(page.items, token)

    def get_escalation(
        self, request: pb.GetEscalationRequest, call: Call
    ) -> pb.GetEscalationResponse:
        """Return one escalation."""
        known = identifier("escalation_id", request.escalation_id, required=True)
        return translate.one(get_escalation(self._ports, call.caller, known))

    def acknowledge_escalation(
        self, request: pb.AcknowledgeEscalationRequest, call: Call
    ) -> pb.AcknowledgeEscalationResponse:
        """Say "I have seen it"."""
        note = translate.note("note", request.note)
        state = EscalationState.ACKNOWLEDGED
        return self._change(request, call, state, False, note, translate.acknowledged)

    def assign_escalation(
        self, request: pb.AssignEscalationRequest, call: Call
    ) -> pb.AssignEscalationResponse:
        """Give it to a member."""
        note = translate.note("note", request.note)
        state = EscalationState.ASSIGNED
        return self._change(request, call, state, True, note, translate.assigned)

    def resolve_escalation(
        self, request: pb.ResolveEscalationRequest, call: Call
    ) -> pb.ResolveEscalationResponse:
        """End it."""
        note = translate.note("resolution", request.resolution)
        state = EscalationState.RESOLVED
        return self._change(request, call, state, False, note, translate.resolved)

    def _change(
        self,
        request: Any,
        call: Call,
        state: EscalationState,
        given_to: bool,
        note: str,
        answer: Callable[[Escalation], M],
    ) -> M:
        known, etag = translate.which(request)
        account = on_behalf_of(request)
        caller = acting_for(self._ports, call.caller, account, call.rpc.path)
        assignee = translate.assignee(request, caller) if given_to else None
        return self._desk.once.run(
            call,
            request,
            lambda finish: change_escalation(
                self._ports, caller, known, etag, state, assignee, note, finish
            ),
            answer,
        )
