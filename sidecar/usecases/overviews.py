"""Put beside each ticket of a list what is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.domain.classification import Classification
from sidecar.domain.escalation import Escalation
from sidecar.domain.ticket import Ticket
from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class TicketOverview:
    """A ticket in a list, with its newest decision and unresolved escalation."""

    ticket: Ticket
    classification: Classification | None
    escalation: Escalation | None
    message_count: int


def ticket_overviews(
    ports: Ports, caller: Principal, tickets: Sequence[Ticket]
) -> list[TicketOverview]:
    """Return the overviews in the order of ``tickets``."""
    workspace = caller.workspace
    ids = [ticket.id for ticket in tickets]
    with ports.store.reading() as tx:
        counts = tx.tickets.message_counts(workspace, ids)
        decided = tx.classifications.latest_of(workspace, ids)
        escalated = tx.escalations.open_for_many(workspace, ids)
    return [
        TicketOverview(
            ticket,
            decided.get(ticket.id),
            escalated.get(ticket.id),
            counts.get(ticket.id, 0),
        )
        for ticket in tickets
    ]
