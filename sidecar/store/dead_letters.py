"""Deliveries that ended or wait: dead letters, counts and results."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    select,
    tuple_,
    update,
)

from sidecar.domain.event import (
    Backlog,
    DeadLetter,
    DeadLetterFilter,
    DeliveryState,
    delivery_id,
    split_delivery_id,
)
from sidecar.store.context import Context, Record
from sidecar.store.events import read_event
from sidecar.store.paging import before, moment_cursor, page_of
from sidecar.store.port import Page
from sidecar.store.tables import deliveries as t
from sidecar.store.tables import events

_PENDING, _LEASED = DeliveryState.PENDING.value, DeliveryState.LEASED.value
_DEAD = DeliveryState.DEAD.value

_OF = and_(t.c.workspace == bindparam("of"), t.c.subscriber == bindparam("to"))
_EVENT = and_(events.c.workspace == t.c.workspace, events.c.id == t.c.event_id)
_COUNT = select(t.c.state, func.count(), func.min(t.c.seq)).where(
    _OF, t.c.state.in_([_PENDING, _LEASED, _DEAD])
).group_by(t.c.state)  # fmt: skip
_BEGAN = select(events.c.created_at).join(t, _EVENT).where(
    t.c.seq == bindparam("own_seq")
)  # fmt: skip
_ERRORS = select(func.count()).where(
    _OF,
    t.c.state.in_([_PENDING, _LEASED, _DEAD]),
    t.c.failed_at > bindparam("since"),
)
_LATEST = select(func.max(events.c.created_at)).where(
    events.c.workspace == bindparam("of"),
    events.c.source == bindparam("to"),
    events.c.created_at > bindparam("since"),
)
_RESULT = select(t.c.state, t.c.result).where(
    t.c.workspace == bindparam("of"),
    t.c.event_id == bindparam("on"),
    t.c.subscriber == bindparam("to"),
)


class SqlDeadLetters:
    """What became of deliveries."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def dead(
        self, workspace: str, where: DeadLetterFilter, size: int, cursor: str
    ) -> Page[DeadLetter]:
        """Return a stable page of dead letters, newest first."""
        name = t.c.event_id + "." + t.c.subscriber
        query = (
            select(
                *(t.c.event_id, t.c.subscriber, t.c.attempts, t.c.ended_at),
                *(t.c.error_reason, t.c.error_message, name.label("name")),
                *(c for c in events.c if c.name not in ("workspace", "id")),
            )
            .join(events, _EVENT)
            .where(_chosen(workspace, where))
        )
        if cursor:
            query = query.where(before(t.c.ended_at, name, cursor))
        query = query.order_by(t.c.ended_at.desc(), name.desc()).limit(size + 1)
        rows = self._context.run(query).all()
        return page_of(
            rows, size, _dead_letter, lambda row: moment_cursor(row.ended_at, row.name)
        )

    def replay(self, workspace: str, where: DeadLetterFilter) -> int:
        """Give those that fit another chance, attempts reset; say how many."""
        rows = self._context.run(
            select(t.c.subscriber).where(_chosen(workspace, where)).distinct()
        ).all()
        fresh = {
            "state": _PENDING,
            "attempts": 0,
            "expiries": 0,
            "due_at": self._context.now(),
            "ended_at": None,
        }
        statement = update(t).where(_chosen(workspace, where)).values(fresh)
        done = self._context.run(statement).rowcount
        self._context.rung.update((workspace, row.subscriber) for row in rows)
        return done

    def discard(self, workspace: str, where: DeadLetterFilter) -> int:
        """Throw those that fit away; say how many."""
        return self._context.run(delete(t).where(_chosen(workspace, where))).rowcount

    def backlog(self, workspace: str, subscriber: str, since: datetime) -> Backlog:
        """Return what waits; errors and the latest event are looked for ``since``."""
        place: dict[str, Any] = {"of": workspace, "to": subscriber}
        counts, first = {}, []
        for state, count, seq in self._context.run(_COUNT, place):
            counts[state] = count
            if state != _DEAD:
                first.append(seq)
        oldest = None
        if first:
            oldest = self._context.run(_BEGAN, {"own_seq": min(first)}).scalar()
        place["since"] = since
        return Backlog(
            pending=counts.get(_PENDING, 0) + counts.get(_LEASED, 0),
            dead=counts.get(_DEAD, 0),
            recent_errors=self._context.run(_ERRORS, place).scalar() or 0,
            oldest=oldest,
            latest=self._context.run(
                _LATEST, {**place, "since": since - timedelta(days=30)}
            ).scalar(),
        )

    def result(
        self, workspace: str, event_id: str, subscriber: str
    ) -> dict[str, Any] | None:
        """Return what came of a finished delivery; None while it is under way."""
        place = {"of": workspace, "on": event_id, "to": subscriber}
        found = self._context.run(_RESULT, place).first()
        if found is None or found.state != DeliveryState.DONE.value:
            return None
        read: dict[str, Any] = json.loads(found.result or "{}")
        return read


def _chosen(workspace: str, where: DeadLetterFilter) -> ColumnElement[bool]:
    parts = [t.c.workspace == workspace, t.c.state == _DEAD]
    if where.subscriber:
        parts.append(t.c.subscriber == where.subscriber)
    if where.type:
        parts.append(t.c.type == where.type)
    if where.reason:
        parts.append(t.c.error_reason == where.reason)
    if where.died_from is not None:
        parts.append(t.c.ended_at >= where.died_from)
    if where.died_before is not None:
        parts.append(t.c.ended_at < where.died_before)
    if where.delivery_ids:
        names = [split_delivery_id(name) for name in where.delivery_ids]
        parts.append(tuple_(t.c.event_id, t.c.subscriber).in_(names))
    return and_(*parts)


def _dead_letter(row: Record) -> DeadLetter:
    return DeadLetter(
        delivery_id=delivery_id(row.event_id, row.subscriber),
        subscriber=row.subscriber,
        event=read_event(row),
        attempts=row.attempts,
        reason=row.error_reason,
        message=row.error_message,
        died_at=row.ended_at,
    )
