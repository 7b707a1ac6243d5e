"""What is set aside because it tries to instruct the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from sidecar.domain.quarantine import QuarantinedItem, QuarantineState
from sidecar.errors import LookElsewhere, Reason
from sidecar.store.context import Context, Record
from sidecar.store.paging import before, moment_cursor, page_of
from sidecar.store.port import Page
from sidecar.store.tables import quarantine as t
from sidecar.store.tables import tickets

_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_GET = select(t).where(_THIS)
_LOCK = _GET.with_for_update()
_UPDATE = update(t).where(_THIS)
_TICKET = select(tickets.c.id).where(
    tickets.c.workspace == bindparam("of"), tickets.c.id == bindparam("about")
)
_DOCUMENTS = (
    select(t.c.document_id, t.c.state)
    .where(t.c.workspace == bindparam("of"), t.c.document_id != "")
    .distinct()
)


class SqlQuarantine:
    """Items set aside; those of a ticket go with it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, item: QuarantinedItem) -> bool:
        """Store it unless one of its id is there; say whether it is new.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """
        if self.get(workspace, item.id) is not None:
            return False
        place = {"of": workspace, "about": item.ticket_id}
        if item.ticket_id and self._context.run(_TICKET, place).first() is None:
            raise LookElsewhere(Reason.TICKET_NOT_FOUND)
        row = {
            "workspace": workspace,
            "id": item.id,
            "ticket_id": item.ticket_id or None,
            "message_id": item.message_id,
            "document_id": item.document_id,
            "excerpt": item.excerpt,
            "confidence": item.confidence,
            "state": item.state.value,
            "created_at": item.created_at,
            "decided_by": item.decided_by,
        }
        return self._context.insert_or_keep(t, row) is not False

    def get(self, workspace: str, item_id: str) -> QuarantinedItem | None:
        """Return an item."""
        place = {"of": workspace, "own_id": item_id}
        found = self._context.run(_GET, place).first()
        return _read(found) if found else None

    def states(
        self, workspace: str, item_ids: Sequence[str]
    ) -> dict[str, QuarantineState]:
        """Return where those of these items stand that are there."""
        if not item_ids:
            return {}
        query = select(t.c.id, t.c.state).where(
            t.c.workspace == workspace, t.c.id.in_(list(item_ids))
        )
        rows = self._context.run(query).all()
        return {row.id: QuarantineState(row.state) for row in rows}

    def documents(self, workspace: str) -> dict[str, bool]:
        """Return documents with something found; True where all of it is released."""
        released: dict[str, bool] = {}
        for row in self._context.run(_DOCUMENTS, {"of": workspace}):
            is_free = row.state == QuarantineState.RELEASED.value
            released[row.document_id] = released.get(row.document_id, True) and is_free
        return released

    def page(
        self,
        workspace: str,
        states: Sequence[QuarantineState],
        size: int,
        cursor: str,
    ) -> Page[QuarantinedItem]:
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

    def decide(
        self, workspace: str, item_id: str, state: QuarantineState, by: str
    ) -> QuarantinedItem | None:
        """Release or discard an item and return it."""
        place = {"of": workspace, "own_id": item_id}
        found = self._context.run(_LOCK, place).first()
        if found is None:
            return None
        values = {"state": state.value, "decided_by": by}
        self._context.changed(_UPDATE, {**place, **values})
        return replace(_read(found), state=state, decided_by=by)


def _read(row: Record) -> QuarantinedItem:
    return QuarantinedItem(
        id=row.id,
        excerpt=row.excerpt,
        confidence=row.confidence,
        created_at=row.created_at,
        message_id=row.message_id,
        document_id=row.document_id,
        ticket_id=row.ticket_id or "",
        state=QuarantineState(row.state),
        decided_by=row.decided_by,
    )
