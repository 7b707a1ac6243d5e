"""Events: stored once, with one delivery for each subscriber, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, select

from sidecar.domain.event import DeliveryState, Event
from sidecar.domain.ids import new_id
from sidecar.store.context import Context, Record
from sidecar.store.tables import deliveries, tickets
from sidecar.store.tables import events as t

_KNOWN = select(t.c.id).where(
    t.c.workspace == bindparam("of"),
    t.c.source == bindparam("by"),
    t.c.source_event_id == bindparam("named"),
)
_KEY = select(tickets.c.connector, tickets.c.external_id).where(
    tickets.c.workspace == bindparam("of"), tickets.c.id == bindparam("about")
)
_UNDONE = exists().where(
    deliveries.c.workspace == t.c.workspace,
    deliveries.c.event_id == t.c.id,
    deliveries.c.state != DeliveryState.DONE.value,
)
_OLD = (
    select(t.c.workspace.label("of"), t.c.id.label("own_id"))
    .where(t.c.created_at < bindparam("before"), ~_UNDONE)
    .order_by(t.c.created_at)
    .limit(bindparam("limit"))
)
_DELETE = delete(t).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)
_DELETE_ENDED = delete(deliveries).where(
    deliveries.c.workspace == bindparam("of"),
    deliveries.c.event_id == bindparam("own_id"),
)


class SqlEvents:
    """Events of all sources."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, event: Event, subscribers: Sequence[str]) -> str:
        """Store it with its deliveries and return its id; see the port."""
        now = self._context.now()
        own_id = event.id or new_id("evt", now)
        row = {
            "workspace": workspace,
            "id": own_id,
            "type": event.type,
            "schema_version": event.schema_version,
            "source": event.source,
            "source_event_id": event.source_event_id or own_id,
            "occurred_at": event.occurred_at or now,
            "created_at": now,
            "ticket_key": event.ticket_key,
            "ticket_id": event.ticket_id,
            "trace_parent": event.trace_parent,
            "payload": event.payload,
        }
        self._context.insert_new(t, row)
        fresh = {
            "workspace": workspace,
            "event_id": own_id,
            "type": event.type,
            "order_key": order_key(event.ticket_key),
            "state": DeliveryState.PENDING.value,
            "attempts": 0,
            "expiries": 0,
            "crowded": False,
            "due_at": now,
            "lease_token": "",
            "lease_seconds": 0,
            "worker": "",
            "error_reason": "",
            "error_message": "",
            "result": "",
        }
        rows = [{**fresh, "subscriber": name} for name in subscribers]
        self._context.insert_many(deliveries, rows)
        self._context.rung.update((workspace, name) for name in subscribers)
        return own_id

    def find(self, workspace: str, source: str, source_event_id: str) -> str | None:
        """Return our id of an event its source knows by another."""
        place = {"of": workspace, "by": source, "named": source_event_id}
        found = self._context.run(_KNOWN, place).first()
        return found.id if found else None

    def ticket_key(self, workspace: str, ticket_id: str) -> str:
        """Return ``connector:external_id`` of a ticket, '' when it is not there."""
        place = {"of": workspace, "about": ticket_id}
        found = self._context.run(_KEY, place).first()
        return f"{found.connector}:{found.external_id}" if found else ""

    def purge(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` events older than ``before`` that all have dealt with.

        Their repeats are recognised until then. Returns how many.
        """
        old = self._context.run(_OLD, {"before": before, "limit": limit}).mappings()
        keys = [dict(row) for row in old]
        if keys:
            self._context.run(_DELETE_ENDED, keys)
            self._context.run(_DELETE, keys)
        return len(keys)


def order_key(ticket_key: str) -> str:
    """Return a short digest of a ticket's key; '' stays ''."""
    if not ticket_key:
        return ""
    return hashlib.blake2b(ticket_key.encode(), digest_size=15).hexdigest()


def read_event(row: Record) -> Event:
    """Read an event from a row that has all its columns, its id as ``event_id``."""
    return Event(
        type=row.type,
        source=row.source,
        source_event_id=row.source_event_id,
        occurred_at=row.occurred_at,
        payload=row.payload,
        schema_version=row.schema_version,
        ticket_key=row.ticket_key,
        ticket_id=row.ticket_id,
        trace_parent=row.trace_parent,
        id=row.event_id,
        recorded_at=row.created_at,
    )
