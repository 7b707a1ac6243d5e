"""Domain events, written in the transaction of what caused them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from sidecar.domain.ids import new_id
from sidecar.store.context import Context
from sidecar.store.port import NewEvent
from sidecar.store.tables import events as t

_OLD = (
    select(t.c.workspace.label("of"), t.c.id.label("own_id"))
    .where(t.c.created_at < bindparam("before"))
    .order_by(t.c.created_at)
    .limit(bindparam("limit"))
)
_DELETE = delete(t).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)


class SqlEvents:
    """Domain events."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, event: NewEvent) -> str:
        """Append it and return its id."""
        now = self._context.now()
        own_id = new_id("evt", now)
        row = {
            "workspace": workspace,
            "id": own_id,
            "type": event.type,
            "subject": event.subject,
            "payload": event.payload,
            "created_at": now,
        }
        self._context.insert(t, row)
        return own_id

    def purge(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` events older than ``before``; return how many."""
        old = self._context.run(_OLD, {"before": before, "limit": limit}).mappings()
        keys = [dict(row) for row in old]
        if keys:
            self._context.run(_DELETE, keys)
        return len(keys)
