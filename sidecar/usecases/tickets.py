"""Keep tickets: store, add turns, list, and record what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.domain.ticket import Feedback, Message, Ticket, TicketFilter
from sidecar.errors import LookElsewhere, Reason
from sidecar.store.port import Page
from sidecar.usecases.escalate import escalate_if_raised
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event
from sidecar.usecases.targets import require_ticket


@dataclass(frozen=True, slots=True)
class Upserted:
    """The ticket as stored, whether it is new, and whether nothing had changed."""

    ticket: Ticket
    created: bool
    unchanged: bool


def upsert_ticket(
    ports: Ports, caller: Principal, ticket: Ticket, finish: Finish[Upserted]
) -> Upserted:
    """Store the ticket under (workspace, connector, external_id) and return it.

    One whose priority in the helpdesk has reached the limit is escalated with it.
    """
    with ports.store.transaction() as tx:
        before = tx.tickets.find(caller.workspace, ticket.connector, ticket.external_id)
        stored = tx.tickets.upsert(caller.workspace, ticket)
        if before is None:
            event(tx, caller, "ticket.created", stored.id)
        elif before.etag != stored.etag:
            event(tx, caller, "ticket.updated", stored.id, etag=stored.etag)
            escalate_if_raised(tx, ports, caller, before, stored)
        result = Upserted(stored, before is None, before == stored)
        finish(tx, result)
    return result


def add_message(
    ports: Ports,
    caller: Principal,
    ticket_id: str,
    message: Message,
    etag: str,
    finish: Finish[Ticket],
) -> Ticket:
    """Append a turn; a non-empty ``etag`` that is stale raises ``ReadAgain``."""
    with ports.store.transaction() as tx:
        stored = tx.tickets.add_message(caller.workspace, ticket_id, message, etag)
        if stored is None:
            raise LookElsewhere(Reason.TICKET_NOT_FOUND, ticket_id)
        event(tx, caller, "ticket.updated", stored.id, etag=stored.etag)
        finish(tx, stored)
    return stored


def get_ticket(ports: Ports, caller: Principal, ticket_id: str) -> Ticket:
    """Return a ticket with its whole conversation."""
    with ports.store.reading() as tx:
        return require_ticket(tx, caller, ticket_id)


def list_tickets(
    ports: Ports, caller: Principal, where: TicketFilter, size: int, cursor: str
) -> Page[Ticket]:
    """Return a page of tickets without their messages, latest change first."""
    with ports.store.reading() as tx:
        return tx.tickets.page(caller.workspace, where, size, cursor)


def record_feedback(
    ports: Ports, caller: Principal, feedback: Feedback, finish: Finish[Feedback]
) -> Feedback:
    """Record what the agent did with a draft, or a field the agent corrected.

    Raises ``LookElsewhere`` when the ticket or the draft is not there.
    """
    with ports.store.transaction() as tx:
        ticket = require_ticket(tx, caller, feedback.ticket_id)
        if feedback.draft_id:
            draft = tx.drafts.get(caller.workspace, feedback.draft_id)
            if draft is None or draft.ticket_id != ticket.id:
                raise LookElsewhere(Reason.DRAFT_NOT_FOUND, feedback.draft_id)
        stored = tx.drafts.add_feedback(caller.workspace, feedback)
        event(
            tx,
            caller,
            "feedback.received",
            ticket.id,
            feedback_id=stored.id,
            feedback=stored.kind.value,
            draft_id=stored.draft_id,
        )
        audit(tx, ports, caller, "feedback.record", ticket.id, stored.kind.value)
        finish(tx, stored)
    return stored


def record_resolution(
    ports: Ports,
    caller: Principal,
    ticket_id: str,
    text: str,
    satisfaction: int,
    finish: Finish[Ticket],
) -> Ticket:
    """Record what solved the ticket and the satisfaction (1..5, 0 unknown)."""
    with ports.store.transaction() as tx:
        stored = tx.tickets.set_resolution(
            caller.workspace, ticket_id, text, satisfaction
        )
        if stored is None:
            raise LookElsewhere(Reason.TICKET_NOT_FOUND, ticket_id)
        event(tx, caller, "ticket.resolved", ticket_id, satisfaction=satisfaction)
        audit(tx, ports, caller, "ticket.resolve", ticket_id)
        finish(tx, stored)
    return stored
