"""List escalations and move them on; the loser of a race is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.domain.access import Principal
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.ticket import Ticket
from sidecar.errors import ChangeStateFirst, LookElsewhere, Reason
from sidecar.store.port import Page, Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event


@dataclass(frozen=True, slots=True)
class NamedEscalation:
    """An escalation and its ticket without messages; None when that is deleted.

    ``names`` are the names of the members it speaks of, by identifier.
    """

    escalation: Escalation
    ticket: Ticket | None
    names: Mapping[str, str] = field(default_factory=dict)


def list_escalations(
    ports: Ports,
    caller: Principal,
    states: Sequence[EscalationState],
    size: int,
    cursor: str,
) -> Page[NamedEscalation]:
    """Return a page of escalations, newest first; no states means all of them."""
    with ports.store.reading() as tx:
        page = tx.escalations.page(caller.workspace, states, size, cursor)
        ids = [item.ticket_id for item in page.items]
        heads = tx.tickets.heads(caller.workspace, ids)
        names = _names(tx, caller.workspace)
    named = (
        NamedEscalation(item, heads.get(item.ticket_id), names) for item in page.items
    )
    return Page(tuple(named), page.next_cursor)


def get_escalation(
    ports: Ports, caller: Principal, escalation_id: str
) -> NamedEscalation:
    """Return an escalation or raise ``LookElsewhere(ESCALATION_NOT_FOUND)``."""
    with ports.store.reading() as tx:
        found = tx.escalations.get(caller.workspace, escalation_id)
        if found is None:
            raise LookElsewhere(Reason.ESCALATION_NOT_FOUND, escalation_id)
        heads = tx.tickets.heads(caller.workspace, [found.ticket_id])
        names = _names(tx, caller.workspace)
    return NamedEscalation(found, heads.get(found.ticket_id), names)


def actor_of(caller: Principal) -> str:
    """Return who acts: a member's identifier, or the key's for a program."""
    return caller.member_id or caller.actor


def _names(tx: Transaction, workspace: str) -> dict[str, str]:
    return {m.id: m.name or m.email for m in tx.access.members(workspace)}


def change_escalation(
    ports: Ports,
    caller: Principal,
    escalation_id: str,
    etag: str,
    state: EscalationState,
    assignee: str | None,
    note: str,
    finish: Finish[Escalation],
) -> Escalation:
    """Acknowledge, assign or resolve an escalation.

    Raises ``LookElsewhere(ESCALATION_NOT_FOUND)``, ``ChangeStateFirst
    (ESCALATION_CLOSED)`` when it is resolved already, and ``ReadAgain(ETAG_MISMATCH)``
    when somebody else was first.
    """
    workspace = caller.workspace
    with ports.store.transaction() as tx:
        current = tx.escalations.get(workspace, escalation_id)
        if current is None:
            raise LookElsewhere(Reason.ESCALATION_NOT_FOUND, escalation_id)
        if current.state is EscalationState.RESOLVED:
            raise ChangeStateFirst(Reason.ESCALATION_CLOSED, escalation_id)
        changed = tx.escalations.change(
            workspace, escalation_id, etag, state, assignee, note, actor_of(caller)
        )
        if changed is None:
            raise LookElsewhere(Reason.ESCALATION_NOT_FOUND, escalation_id)
        kind = f"escalation.{state.value}"
        event(tx, caller, kind, changed.ticket_id, escalation_id=escalation_id)
        audit(tx, ports, caller, kind, escalation_id)
        finish(tx, changed)
    return changed
