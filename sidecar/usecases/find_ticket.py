"""Find a ticket by the name its helpdesk has for it."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.ticket import Ticket
from sidecar.errors import LookElsewhere, Reason
from sidecar.usecases.ports import Ports


def find_ticket(
    ports: Ports, caller: Principal, connector: str, external_id: str
) -> Ticket:
    """Return the ticket or raise ``LookElsewhere(TICKET_NOT_FOUND)``."""
    with ports.store.reading() as tx:
        ticket = tx.tickets.find(caller.workspace, connector, external_id)
    if ticket is None:
        raise LookElsewhere(Reason.TICKET_NOT_FOUND, f"{connector} {external_id}")
    return ticket
