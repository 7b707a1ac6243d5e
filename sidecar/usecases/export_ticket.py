"""A conversation as a file: JSON for machines, Markdown for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from enum import Enum

from sidecar.domain.access import Principal
from sidecar.domain.ticket import Ticket
from sidecar.usecases.ports import Ports
from sidecar.usecases.record import audit
from sidecar.usecases.targets import require_ticket


def export_ticket(
    ports: Ports, caller: Principal, ticket_id: str, as_markdown: bool
) -> str:
    """Return the whole conversation as text; who exported what is in the audit log."""
    with ports.store.transaction() as tx:
        ticket = require_ticket(tx, caller, ticket_id)
        audit(tx, ports, caller, "ticket.export", ticket_id)
    return _markdown(ticket) if as_markdown else _json(ticket)


def _json(ticket: Ticket) -> str:
    return json.dumps(
        asdict(ticket), default=_plain, ensure_ascii=False, indent=2, sort_keys=True
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _markdown(ticket: Ticket) -> str:
    customer = ticket.customer
    lines = [
        f"# {ticket.subject or ticket.external_id}",
        "",
        f"- Ticket: {ticket.external_id} ({ticket.connector})",
        f"- Status: {ticket.status.value}",
        f"- Customer: {customer.name} <{customer.email}>",
    ]
    for message in ticket.messages:
        when = message.sent_at.isoformat(timespec="minutes") if message.sent_at else ""
        who = message.author.name or message.author.role.value
        note = " (internal note)" if message.internal else ""
        quoted = "\n".join(f"> {line}" for line in message.body.splitlines())
        lines += ["", f"## {who}, {when}{note}", "", quoted]
    if ticket.resolution:
        lines += ["", "## Resolution", "", ticket.resolution]
    return "\n".join(lines) + "\n"
