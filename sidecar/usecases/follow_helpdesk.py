"""Follow the helpdesk: tickets are merged, redacted and deleted there, and so here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.access import Principal
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.ticket import Message, Ticket, TicketStatus
from sidecar.errors import LookElsewhere, Reason, invalid
from sidecar.index.port import EntryKind
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event
from sidecar.usecases.targets import require_ticket

BLACK = "▇▇▇▇"
"""What stands in place of redacted words; its length says nothing about theirs."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """The ticket as it stands now, and how many places were blacked out."""

    ticket: Ticket
    places: int


def merge_tickets(
    ports: Ports,
    caller: Principal,
    target_id: str,
    source_ids: Sequence[str],
    finish: Finish[Ticket],
) -> Ticket:
    """Put the sources' messages into the target, close them, move their escalation.

    Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when one of them is not there. A merge
    that was followed already changes nothing.
    """
    if target_id in source_ids:
        raise invalid("source_ticket_ids", "A ticket cannot go into itself.")
    with ports.store.transaction() as tx:
        target = require_ticket(tx, caller, target_id)
        sources = [require_ticket(tx, caller, one) for one in source_ids]
        moved = tuple(replace(m, id="") for one in sources for m in one.messages)
        both = replace(target, messages=target.messages + moved)
        stored = tx.tickets.upsert(caller.workspace, both)
        for source in sources:
            _close(tx, ports, caller, source, stored)
        names = [one.id for one in sources]
        event(tx, caller, "ticket.merged", stored.id, source_ticket_ids=names)
        audit(tx, ports, caller, "ticket.merge", stored.id, ",".join(names))
        finish(tx, stored)
    return stored


def _close(
    tx: Transaction, ports: Ports, caller: Principal, source: Ticket, into: Ticket
) -> None:
    workspace = caller.workspace
    said = f"Merged into {into.connector} {into.external_id}."
    closed = replace(source, status=TicketStatus.CLOSED, resolution=said)
    tx.tickets.upsert(workspace, closed)
    found = tx.escalations.open_for(workspace, source.id)
    if found is None:
        return
    moved = Escalation(
        id="",
        ticket_id=into.id,
        state=EscalationState.OPEN,
        level=found.level,
        reasons=found.reasons,
        assignee=found.assignee,
        etag="",
        created_at=ports.clock.now(),
        updated_at=ports.clock.now(),
        created_by=found.created_by,
    )
    kept, created = tx.escalations.open(workspace, moved)
    kind = "escalation.created" if created else "escalation.raised"
    event(tx, caller, kind, into.id, escalation_id=kept.id, level=kept.level)
    state = EscalationState.RESOLVED
    tx.escalations.change(workspace, found.id, found.etag, state, None, said)
    event(tx, caller, "escalation.resolved", source.id, escalation_id=found.id)


def redact_ticket(
    ports: Ports,
    caller: Principal,
    ticket_id: str,
    message_ids: Sequence[str],
    texts: Sequence[str],
    finish: Finish[Redacted],
) -> Redacted:
    """Black out words, or whole messages, and forget what quotes them.

    No ``message_ids`` means every message, no ``texts`` the whole of each. The index
    has the old words no longer when this returns. Raises ``LookElsewhere``.
    """
    # Before and after: a crash in between leaves nothing that could still be found.
    ports.index.delete_group(caller.workspace, EntryKind.TICKET, ticket_id)
    with ports.store.transaction() as tx:
        before = require_ticket(tx, caller, ticket_id)
        chosen = set(message_ids) or {m.id for m in before.messages}
        changed, places = _blacken(before, chosen, texts)
        if not message_ids and texts:
            changed, more = _blacken_around(changed, texts)
            places += more
        # Also where no word was found: it has to be indexed anew.
        stored = tx.tickets.rewrite(caller.workspace, changed)
        event(tx, caller, "ticket.redacted", ticket_id, places=places)
        if stored is None:
            raise LookElsewhere(Reason.TICKET_NOT_FOUND, ticket_id)
        audit(tx, ports, caller, "ticket.redact", ticket_id, f"places={places}")
        result = Redacted(stored, places)
        finish(tx, result)
    ports.index.delete_group(caller.workspace, EntryKind.TICKET, ticket_id)
    return result


def _blacken(
    ticket: Ticket, chosen: set[str], texts: Sequence[str]
) -> tuple[Ticket, int]:
    places, messages = 0, []
    for message in ticket.messages:
        changed = message
        if message.id in chosen:
            changed, count = _blacken_message(message, texts)
            places += count
        messages.append(changed)
    return replace(ticket, messages=tuple(messages)), places


def _blacken_message(message: Message, texts: Sequence[str]) -> tuple[Message, int]:
    if texts:
        body, count = _blacken_text(message.body, texts)
        return replace(message, body=body), count
    if message.body == BLACK and not message.attachments:
        return message, 0
    return replace(message, body=BLACK, attachments=()), 1


def _blacken_around(ticket: Ticket, texts: Sequence[str]) -> tuple[Ticket, int]:
    subject, one = _blacken_text(ticket.subject, texts)
    resolution, two = _blacken_text(ticket.resolution, texts)
    return replace(ticket, subject=subject, resolution=resolution), one + two


def _blacken_text(text: str, words: Sequence[str]) -> tuple[str, int]:
    places = 0
    # The longest first: one of the words may be part of another.
    for word in sorted(filter(None, words), key=len, reverse=True):
        places += text.count(word)
        text = text.replace(word, BLACK)
    return text, places


def delete_ticket(
    ports: Ports, caller: Principal, ticket_id: str, finish: Finish[None]
) -> None:
    """Delete a ticket with all that hangs on it, here and in the index.

    Raises ``LookElsewhere(TICKET_NOT_FOUND)``.
    """
    ports.index.delete_group(caller.workspace, EntryKind.TICKET, ticket_id)
    with ports.store.transaction() as tx:
        event(tx, caller, "ticket.deleted", ticket_id)
        if not tx.tickets.delete(caller.workspace, ticket_id):
            raise LookElsewhere(Reason.TICKET_NOT_FOUND, ticket_id)
        audit(tx, ports, caller, "ticket.delete", ticket_id)
        finish(tx, None)
    ports.index.delete_group(caller.workspace, EntryKind.TICKET, ticket_id)
