"""Escalate a ticket by hand."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.classification import Reason, ReasonCode
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.usecases.commands import EscalateCommand, Escalated
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event
from sidecar.usecases.targets import stored_target


def escalate(
    ports: Ports,
    caller: Principal,
    command: EscalateCommand,
    finish: Finish[Escalated],
) -> Escalated:
    """Open an escalation, or raise the one already open for the ticket.

    Raises ``LookElsewhere(TICKET_NOT_FOUND)`` for an id that is not there.
    """
    ticket = stored_target(ports, caller, command.target)
    now = ports.clock.now()
    why = command.reason or "Escalated by hand."
    wanted = Escalation(
        id="",
        ticket_id=ticket.id,
        state=EscalationState.OPEN,
        level=command.level,
        reasons=(Reason(ReasonCode.MANUAL, why),),
        assignee="",
        etag="",
        created_at=now,
        updated_at=now,
        created_by=caller.actor,
        note=command.reason,
    )
    with ports.store.transaction() as tx:
        escalation, created = tx.escalations.open(caller.workspace, wanted)
        kind = "escalation.created" if created else "escalation.raised"
        event(
            tx,
            caller,
            kind,
            ticket.id,
            escalation_id=escalation.id,
            level=escalation.level,
        )
        audit(tx, ports, caller, kind, escalation.id)
        result = Escalated(escalation, created)
        finish(tx, result)
    return result
