"""Writing down what happened.

Audit lines and domain events, in the effect's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sidecar.domain.access import AuditEntry, Principal
from sidecar.domain.event import OURS, Event
from sidecar.domain.event_routing import subscribers_of
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Ports

_TICKET_ID = "tkt_"


def audit(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    action: str,
    target: str,
    details: str = "",
) -> None:
    """Append an audit line; ``details`` holds ids and codes, never personal text."""
    entry = AuditEntry(
        id=0,
        at=ports.clock.now(),
        actor=caller.actor,
        action=action,
        target=target,
        request_id="",
        details=details,
    )
    tx.access.add_audit(caller.workspace, entry)


def event(
    tx: Transaction, caller: Principal, kind: str, subject: str, **facts: object
) -> None:
    """Append a domain event about ``subject``; facts are ids, codes and numbers.

    Whoever subscribed gets a delivery in the same transaction.
    """
    send(tx, caller.workspace, kind, subject, "", facts)


def send(
    tx: Transaction,
    workspace: str,
    kind: str,
    subject: str,
    once: str,
    facts: Mapping[str, object],
) -> str:
    """Append an event of ours and return its id; ``once`` names it, if not ''.

    Raises ``ChangeStateFirst(ALREADY_EXISTS)`` when one of that name is there: so a
    thing that several processes notice happens once. The transaction must end then.
    """
    is_ticket = subject.startswith(_TICKET_ID)
    ticket_key = tx.events.ticket_key(workspace, subject) if is_ticket else ""
    about = {"ticket_id" if is_ticket else "subject": subject}
    happened = Event(
        type=kind,
        source=OURS,
        source_event_id=once,
        payload=json.dumps({**about, **facts}, ensure_ascii=False, sort_keys=True),
        ticket_key=ticket_key,
        ticket_id=subject if is_ticket else "",
    )
    active = tx.connectors.active(workspace)
    subscribers = subscribers_of(kind, ticket_key, active, subject)
    return tx.events.add(workspace, happened, subscribers)
