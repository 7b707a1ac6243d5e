"""Everything stored about a ticket for the sidebar, in one cheap read."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.usecases.commands import TicketPanel
from sidecar.usecases.ports import Ports
from sidecar.usecases.targets import require_ticket


def ticket_panel(ports: Ports, caller: Principal, ticket_id: str) -> TicketPanel:
    """Return ticket, newest classification, open escalation and newest valid draft.

    A draft made for an earlier state of the thread is void and left out.
    """
    workspace = caller.workspace
    with ports.store.reading() as tx:
        ticket = require_ticket(tx, caller, ticket_id)
        draft = tx.drafts.latest(workspace, ticket_id)
        if draft is not None and draft.ticket_etag != ticket.etag:
            draft = None
        return TicketPanel(
            ticket=ticket,
            classification=tx.classifications.latest(workspace, ticket_id),
            escalation=tx.escalations.open_for(workspace, ticket_id),
            draft=draft,
        )
