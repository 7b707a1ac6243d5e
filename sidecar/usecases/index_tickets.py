"""Keep the index of tickets in step with the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

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
    changed: dict[str, dict[str, list[IndexEntry]]] = {}
    for workspace, ticket in waiting:
        with _left_out_if_odd(ticket.id):
            changed.setdefault(workspace, {})[ticket.id] = _entries(ports, ticket)
    for workspace, groups in changed.items():
        _write(ports, workspace, groups)
    if waiting:
        with ports.store.transaction(durable=False) as tx:
            for workspace, ticket in waiting:
                tx.tickets.mark_indexed(workspace, ticket.id, ticket.etag)
    return len(waiting)


def _write(
    ports: Ports, workspace: str, groups: Mapping[str, Sequence[IndexEntry]]
) -> None:
    """Write all at once, or each alone when one of them cannot be written."""
    try:
        ports.index.replace_groups(workspace, EntryKind.TICKET, groups)
    except DesksideError:
        raise
    except Exception:  # noqa: BLE001 - which one it is, and why, is logged below
        for ticket_id, entries in groups.items():
            with _left_out_if_odd(ticket_id):
                ports.index.replace_group(
                    workspace, EntryKind.TICKET, ticket_id, entries
                )


@contextmanager
def _left_out_if_odd(ticket_id: str) -> Iterator[None]:
    """Let one ticket that cannot be indexed not hold up all others."""
    try:
        yield
    except DesksideError:
        raise  # database or index do not answer: the next one would meet the same
    except Exception:
        log.exception("ticket %s cannot be indexed", ticket_id)


def _entries(ports: Ports, ticket: Ticket) -> list[IndexEntry]:
    """Return what shall be found of a ticket: one entry, or none without words."""
    text = ticket_problem(ticket)
    if not text:
        return []
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
    return [entry]
