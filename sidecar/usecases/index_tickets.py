"""Keep the index of tickets in step with the database."""

from __future__ import annotations

import logging

from sidecar.domain.ticket import Ticket
from sidecar.errors import DesksideError
from sidecar.index.port import EntryKind, IndexEntry
from sidecar.usecases.find_similar import ticket_problem
from sidecar.usecases.ports import Ports

log = logging.getLogger(__name__)


def index_changed_tickets(ports: Ports, limit: int) -> int:
    """Index tickets whose newest state is not findable yet; return how many.

    Indexing happens behind the call that stored the ticket, so that no caller waits
    for it; a crash only postpones it.
    """
    with ports.store.reading() as tx:
        waiting = tx.tickets.unindexed(limit)
    for workspace, ticket in waiting:
        try:
            _index(ports, workspace, ticket)
        except DesksideError:
            raise  # database or index do not answer: the next one would meet the same
        except Exception:
            # One ticket that cannot be indexed must not hold up all others.
            log.exception("ticket %s cannot be indexed", ticket.id)
    if waiting:
        with ports.store.transaction(durable=False) as tx:
            for workspace, ticket in waiting:
                tx.tickets.mark_indexed(workspace, ticket.id, ticket.etag)
    return len(waiting)


def _index(ports: Ports, workspace: str, ticket: Ticket) -> None:
    text = ticket_problem(ticket)
    if not text:
        ports.index.delete_group(workspace, EntryKind.TICKET, ticket.id)
        return
    vector = ports.embedder.embed([text])[0] if ports.embedder.dimensions else None
    entry = IndexEntry(
        entry_id=ticket.id,
        group_id=ticket.id,
        kind=EntryKind.TICKET,
        title=ticket.subject,
        text=text,
        vector=vector,
        public=False,
        source=ticket.connector,
        customer_id=ticket.customer.id,
        updated_at=ticket.updated_at,
    )
    ports.index.replace_group(workspace, EntryKind.TICKET, ticket.id, [entry])
