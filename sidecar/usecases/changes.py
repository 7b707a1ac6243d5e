"""What connectors changed at their vendors: written down, shown, and taken back."""

from __future__ import annotations

from dataclasses import asdict

from sidecar.domain.access import Principal
from sidecar.domain.connector import ChangeState, VendorChange
from sidecar.errors import ChangeStateFirst, LookElsewhere, Reason
from sidecar.store.port import Page, Transaction
from sidecar.usecases.connectors import require_connector
from sidecar.usecases.events import check_own
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, send

_TOLD = ("connector", "ticket_id", "external_id", "field", "before", "after", "mark")


def record_change(
    ports: Ports, caller: Principal, change: VendorChange
) -> VendorChange:
    """Write a change down, once for its mark and field."""
    require_connector(change.connector)
    check_own(caller, change.connector)
    with ports.store.transaction() as tx:
        stored = tx.changes.add(caller.workspace, change)
        details = f"{change.field} change={stored.id}"
        target = f"{change.connector}:{change.external_id}"
        audit(tx, ports, caller, "vendor.change", target, details)
    return stored


def list_changes(
    ports: Ports,
    caller: Principal,
    connector: str,
    ticket_id: str,
    size: int,
    cursor: str,
) -> Page[VendorChange]:
    """Return a page of changes, newest first; '' lets all through."""
    with ports.store.reading() as tx:
        return tx.changes.page(caller.workspace, connector, ticket_id, size, cursor)


def revert_change(
    ports: Ports, caller: Principal, change_id: str, finish: Finish[VendorChange]
) -> VendorChange:
    """Ask the connector to take a change back.

    Raises ``LookElsewhere(CHANGE_NOT_FOUND)``, and ``ChangeStateFirst
    (ALREADY_EXISTS)`` when that was asked before or is done.
    """
    workspace = caller.workspace
    with ports.store.transaction() as tx:
        change = _require(tx, caller, change_id)
        by = caller.member_id or caller.key_id or caller.actor
        was = (ChangeState.MADE, ChangeState.REVERT_FAILED)
        now = ChangeState.REVERT_REQUESTED
        if not tx.changes.move(workspace, change_id, was, now, "", by):
            raise ChangeStateFirst(Reason.ALREADY_EXISTS, change_id)
        facts = {k: v for k, v in asdict(change).items() if k in _TOLD}
        kind = f"{change.connector}.change.revert_requested"
        send(tx, workspace, kind, change_id, "", {**facts, "change_id": change_id})
        audit(tx, ports, caller, "vendor.change.revert", change_id, change.field)
        result = _require(tx, caller, change_id)
        finish(tx, result)
    return result


def report_revert(
    ports: Ports, caller: Principal, change_id: str, reverted: bool, message: str
) -> VendorChange:
    """Note what came of taking a change back.

    Raises ``ChangeStateFirst(ALREADY_EXISTS)`` when nobody asked for it.
    """
    with ports.store.transaction() as tx:
        change = _require(tx, caller, change_id)
        check_own(caller, change.connector)
        now = ChangeState.REVERTED if reverted else ChangeState.REVERT_FAILED
        was = (ChangeState.REVERT_REQUESTED, now)
        if not tx.changes.move(caller.workspace, change_id, was, now, message, ""):
            raise ChangeStateFirst(Reason.ALREADY_EXISTS, change_id)
        audit(tx, ports, caller, f"vendor.change.{now.value}", change_id)
        return _require(tx, caller, change_id)


def _require(tx: Transaction, caller: Principal, change_id: str) -> VendorChange:
    change = tx.changes.get(caller.workspace, change_id)
    if change is None:
        raise LookElsewhere(Reason.CHANGE_NOT_FOUND, change_id)
    return change
