"""Escalate a ticket: by hand, or because a rule says so."""

from __future__ import annotations

from collections.abc import Sequence

from sidecar.domain.access import Principal
from sidecar.domain.classification import Reason, ReasonCode
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.escalation_rules import level_for, raised_in_helpdesk
from sidecar.domain.ticket import Ticket
from sidecar.store.port import Transaction
from sidecar.usecases.commands import EscalateCommand, Escalated
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event
from sidecar.usecases.targets import stored_target
from sidecar.usecases.taxonomy import current_rules


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


def escalate_by_rules(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    ticket: Ticket,
    level: int,
    reasons: Sequence[Reason],
) -> Escalation | None:
    """Open the ticket's escalation or raise the open one; None without a reason."""
    if not reasons or ticket.status.is_finished:
        return None
    now = ports.clock.now()
    wanted = Escalation(
        id="",
        ticket_id=ticket.id,
        state=EscalationState.OPEN,
        level=level,
        reasons=tuple(reasons),
        assignee="",
        etag="",
        created_at=now,
        updated_at=now,
        created_by="rules",
    )
    escalation, created = tx.escalations.open(caller.workspace, wanted)
    if created:
        event(
            tx,
            caller,
            "escalation.created",
            ticket.id,
            escalation_id=escalation.id,
            level=escalation.level,
        )
        audit(tx, ports, caller, "escalation.create", escalation.id, "by rules")
    return escalation


def escalate_if_raised(
    tx: Transaction, ports: Ports, caller: Principal, before: Ticket, after: Ticket
) -> Escalation | None:
    """Escalate a stored ticket whose priority in the helpdesk has reached the limit.

    What a classification finds does not depend on that priority, so none is made.
    """
    if before.vendor_priority == after.vendor_priority:
        return None
    rules = current_rules(tx, caller.workspace)
    reasons = raised_in_helpdesk(rules, before, after)
    if not reasons:
        return None
    found = tx.classifications.latest(caller.workspace, after.id)
    level = level_for(found) if found else 1
    return escalate_by_rules(tx, ports, caller, after, level, reasons)
