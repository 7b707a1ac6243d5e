"""What is known of a customer."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.ticket import CustomerHistory
from sidecar.errors import LookElsewhere, Reason
from sidecar.usecases.ports import Ports
from sidecar.usecases.targets import require_ticket


def customer_history(
    ports: Ports, caller: Principal, customer_id: str, ticket_id: str, limit: int
) -> CustomerHistory:
    """Return the history of a customer, named by id or as the customer of a ticket.

    The ticket itself is left out. Raises ``LookElsewhere`` when either is not there.
    """
    with ports.store.reading() as tx:
        if ticket_id:
            customer_id = require_ticket(tx, caller, ticket_id).customer.id
        history = tx.tickets.history(caller.workspace, customer_id, limit, ticket_id)
    if history is None:
        raise LookElsewhere(Reason.CUSTOMER_NOT_FOUND, customer_id)
    return history
