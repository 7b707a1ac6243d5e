"""Escalations; a unique key keeps at most one per ticket unresolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, update

from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.ids import new_etag, new_id
from sidecar.errors import ChangeStateFirst, LookElsewhere, ReadAgain, Reason
from sidecar.store.context import Context, Record
from sidecar.store.encode import decode_reasons, encode_reasons
from sidecar.store.paging import BATCH, before, moment_cursor, page_of
from sidecar.store.port import Page
from sidecar.store.tables import escalations as t
from sidecar.store.tables import tickets

_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_GET = select(t).where(_THIS)
_LOCK = _GET.with_for_update()
_UPDATE = update(t).where(_THIS)
_OPEN_FOR = select(t).where(
    t.c.workspace == bindparam("of"), t.c.open_key == bindparam("about")
)
_OPEN_FOR_MANY = select(t).where(
    t.c.workspace == bindparam("of"),
    t.c.open_key.in_(bindparam("ids", expanding=True)),
)
_LOCK_OPEN = _OPEN_FOR.with_for_update()
_TICKET = select(tickets.c.id).where(
    tickets.c.workspace == bindparam("of"), tickets.c.id == bindparam("about")
)


class SqlEscalations:
    """Escalations; at most one per ticket is not resolved."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def open(self, workspace: str, item: Escalation) -> tuple[Escalation, bool]:
        """Store it, or raise the one already open for the ticket; see the port.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """
        place = {"of": workspace, "about": item.ticket_id}
        found = self._context.run(_LOCK_OPEN, place).first()
        if found is None:
            if self._context.run(_TICKET, place).first() is None:
                raise LookElsewhere(Reason.TICKET_NOT_FOUND)
            new = replace(
                item,
                id=item.id or new_id("esc", self._context.now()),
                etag=new_etag(),
            )
            is_open = new.state is not EscalationState.RESOLVED
            row = {
                "workspace": workspace,
                "open_key": new.ticket_id if is_open else None,
                **_row(new),
            }
            if self._context.insert_or_keep(t, row) or not is_open:
                return new, True
            found = self._context.run(_LOCK_OPEN, place).one()
            if found.id == new.id:
                return new, True
        return self._raise(workspace, _read(found), item), False

    def _raise(self, workspace: str, old: Escalation, more: Escalation) -> Escalation:
        added = tuple(r for r in more.reasons if r not in old.reasons)
        level = max(old.level, more.level)
        if not added and level == old.level:
            return old
        return self._save(
            workspace, replace(old, reasons=old.reasons + added, level=level)
        )

    def _save(self, workspace: str, item: Escalation) -> Escalation:
        item = replace(item, etag=new_etag(), updated_at=self._context.now())
        values = _row(item)
        if item.state is EscalationState.RESOLVED:
            values["open_key"] = None
        del values["id"]
        place = {"of": workspace, "own_id": item.id}
        self._context.changed(_UPDATE, {**place, **values})
        return item

    def open_for(self, workspace: str, ticket_id: str) -> Escalation | None:
        """Return the ticket's unresolved escalation."""
        place = {"of": workspace, "about": ticket_id}
        found = self._context.run(_OPEN_FOR, place).first()
        return _read(found) if found else None

    def open_for_many(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, Escalation]:
        """Return the unresolved escalation of each of the tickets that has one."""
        found: dict[str, Escalation] = {}
        for start in range(0, len(ticket_ids), BATCH):
            chosen = {"of": workspace, "ids": ticket_ids[start : start + BATCH]}
            rows = self._context.run(_OPEN_FOR_MANY, chosen)
            found.update((row.ticket_id, _read(row)) for row in rows)
        return found

    def get(self, workspace: str, escalation_id: str) -> Escalation | None:
        """Return an escalation."""
        place = {"of": workspace, "own_id": escalation_id}
        found = self._context.run(_GET, place).first()
        return _read(found) if found else None

    def page(
        self,
        workspace: str,
        states: Sequence[EscalationState],
        size: int,
        cursor: str,
    ) -> Page[Escalation]:
        """Return a stable page, newest first; no ``states`` lets all through."""
        query = select(t).where(t.c.workspace == workspace)
        if states:
            query = query.where(t.c.state.in_([state.value for state in states]))
        if cursor:
            query = query.where(before(t.c.created_at, t.c.id, cursor))
        query = query.order_by(t.c.created_at.desc(), t.c.id.desc()).limit(size + 1)
        rows = self._context.run(query).all()
        return page_of(
            rows, size, _read, lambda row: moment_cursor(row.created_at, row.id)
        )

    def change(
        self,
        workspace: str,
        escalation_id: str,
        etag: str,
        state: EscalationState,
        assignee: str | None,
        note: str,
        by: str = "",
    ) -> Escalation | None:
        """Compare and set; None and '' keep assignee and note.

        ``by`` is remembered as who reacted first.

        Raises ``ReadAgain(ETAG_MISMATCH)`` for the loser and
        ``ChangeStateFirst(ESCALATION_CLOSED)`` when it is resolved already.
        """
        place = {"of": workspace, "own_id": escalation_id}
        found = self._context.run(_LOCK, place).first()
        if found is None:
            return None
        if found.etag != etag:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        old = _read(found)
        if old.state is EscalationState.RESOLVED:
            raise ChangeStateFirst(Reason.ESCALATION_CLOSED)
        now = self._context.now()
        over = state is EscalationState.RESOLVED
        new = replace(
            old,
            state=state,
            acknowledged_by=old.acknowledged_by or by,
            acknowledged_at=old.acknowledged_at or now,
            resolved_at=now if over else None,
            assignee=old.assignee if assignee is None else assignee,
            note=note or old.note,
        )
        return self._save(workspace, new)


def _row(item: Escalation) -> dict[str, Any]:
    return {
        "id": item.id,
        "ticket_id": item.ticket_id,
        "state": item.state.value,
        "level": item.level,
        "reasons": encode_reasons(item.reasons),
        "assignee": item.assignee,
        "note": item.note,
        "etag": item.etag,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "created_by": item.created_by,
        "acknowledged_by": item.acknowledged_by,
        "acknowledged_at": item.acknowledged_at,
        "resolved_at": item.resolved_at,
    }


def _read(row: Record) -> Escalation:
    return Escalation(
        id=row.id,
        ticket_id=row.ticket_id,
        state=EscalationState(row.state),
        level=row.level,
        reasons=decode_reasons(row.reasons),
        assignee=row.assignee,
        etag=row.etag,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        note=row.note,
        acknowledged_by=row.acknowledged_by or "",
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
    )
