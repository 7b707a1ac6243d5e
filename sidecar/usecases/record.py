"""Writing down what happened.

Audit lines and domain events, in the effect's transaction.
"""

from __future__ import annotations

import json

from sidecar.domain.access import AuditEntry, Principal
from sidecar.store.port import NewEvent, Transaction
from sidecar.usecases.ports import Ports


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
    """Append a domain event about ``subject``; facts are ids, codes and numbers."""
    payload = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    tx.events.add(caller.workspace, NewEvent(kind, subject, payload))
