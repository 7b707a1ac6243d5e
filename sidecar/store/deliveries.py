"""Deliveries on their way: leased, renewed, ended, and armed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from sidecar.domain.event import (
    LONGEST_WAIT,
    DeliveryState,
    Failure,
    FailureKind,
    Held,
    Lease,
    delivery_id,
    split_delivery_id,
)
from sidecar.domain.ids import new_etag
from sidecar.store.context import Context
from sidecar.store.events import read_event
from sidecar.store.expiries import HELD, OF_SUBSCRIBER, ONE_AT_A_TIME, THIS, SqlExpiries
from sidecar.store.paging import ESCAPE
from sidecar.store.tables import deliveries as t
from sidecar.store.tables import events

_PENDING, _LEASED = DeliveryState.PENDING.value, DeliveryState.LEASED.value
_DONE, _DEAD = DeliveryState.DONE.value, DeliveryState.DEAD.value
# One answer must fit into a gRPC message with room to spare.
_BATCH_BYTES = 2 * 1024 * 1024

_GET_AGED = select(t, events.c.created_at).join(
    events, and_(events.c.workspace == t.c.workspace, events.c.id == t.c.event_id)
).where(THIS)  # fmt: skip
_CHANGE_HELD = update(t).where(HELD)
_other = t.alias("other")
_SAME_TICKET = and_(
    _other.c.workspace == t.c.workspace,
    _other.c.subscriber == t.c.subscriber,
    _other.c.order_key == t.c.order_key,
)
_IN_TURN = or_(
    t.c.order_key == "",
    and_(
        ~exists().where(_SAME_TICKET, _other.c.state == _LEASED),
        ~exists().where(
            _SAME_TICKET, _other.c.state == _PENDING, _other.c.seq < t.c.seq
        ),
    ),
)
# A due time beyond every pause we make was set by a clock that ran ahead.
_DUE = or_(t.c.due_at <= bindparam("at"), t.c.due_at > bindparam("beyond"))
_WAITING = exists().where(OF_SUBSCRIBER, t.c.state == _PENDING, _DUE, _IN_TURN)
_IS_WAITING = select(_WAITING)
_TAKE = update(t).where(t.c.seq == bindparam("own_seq"), t.c.state == _PENDING)
_WITHDRAW = delete(t).where(THIS, t.c.state == _PENDING)
# Workers that lock the same rows by two indexes wait for each other: one for all.
_BY_TURN = "FORCE INDEX (uq_deliveries_workspace_subscriber_state_seq)"


@lru_cache(maxsize=64)
def _due_query(types: tuple[str, ...]) -> Select[Any]:
    query = (
        select(
            *(t.c.seq, t.c.event_id, t.c.subscriber, t.c.attempts, t.c.expiries),
            *(c for c in events.c if c.name not in ("workspace", "id")),
            func.length(events.c.payload).label("size"),
        )
        .join(
            events,
            and_(events.c.workspace == t.c.workspace, events.c.id == t.c.event_id),
        )
        .where(OF_SUBSCRIBER, t.c.state == _PENDING, _DUE, _IN_TURN)
        .order_by(t.c.seq)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .prefix_with("STRAIGHT_JOIN", dialect="mysql")
        .with_hint(t, _BY_TURN, "mysql")
    )
    return query.where(or_(*map(_of_type, types))) if types else query


def _of_type(pattern: str) -> ColumnElement[bool]:
    if not pattern.endswith("*"):
        return t.c.type == pattern
    begin = pattern[:-1]
    for special in (ESCAPE, "%", "_"):
        begin = begin.replace(special, ESCAPE + special)
    return t.c.type.like(f"{begin}%", escape=ESCAPE)


def _place(workspace: str, delivery: str) -> dict[str, Any]:
    event_id, subscriber = split_delivery_id(delivery)
    return {"of": workspace, "on": event_id, "to": subscriber}


class SqlDeliveries(SqlExpiries):
    """Deliveries; a worker holds one by a lease and shows its token."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context

    def has_due(self, workspace: str, subscriber: str) -> bool:
        """Say whether a lease would find something, whatever its type."""
        place = {"of": workspace, "to": subscriber, **self._moment()}
        return bool(self._context.run(_IS_WAITING, place).scalar())

    def lease(
        self,
        workspace: str,
        subscriber: str,
        types: Sequence[str],
        limit: int,
        lease: timedelta,
        worker: str,
    ) -> list[Lease]:
        """Hand out what is due, oldest first; see the port."""
        place: dict[str, Any] = {"of": workspace, "to": subscriber}
        if self._context.is_mysql:
            # Two workers that look at once would not see each other's choice.
            self._context.run(ONE_AT_A_TIME, place)
        place |= {**self._moment(), "limit": limit}
        rows = self._context.run(_due_query(tuple(types)), place).all()
        taken: list[Any] = []
        size = 0
        for row in rows:
            size += row.size
            if taken and (size > _BATCH_BYTES or row.expiries):
                break
            taken.append(row)
            if row.expiries:
                # It may be what killed its worker: it shall take nothing with it.
                break
        return self._take(taken, lease, worker)

    def _take(self, rows: Sequence[Any], lease: timedelta, worker: str) -> list[Lease]:
        until = self._context.now() + lease
        leases = []
        for row in rows:
            token = new_etag()
            changed = {
                "state": _LEASED,
                "attempts": row.attempts + 1,
                "lease_token": token,
                "lease_seconds": int(lease.total_seconds()),
                "lease_until": until,
                "worker": worker,
                "crowded": False,
            }
            values = {"own_seq": row.seq, **changed}
            if self._context.changed(_TAKE, values):
                name, attempt = delivery_id(row.event_id, row.subscriber), row.attempts
                item = (name, token, read_event(row), attempt + 1, until)
                leases.append(Lease(*item, work_alone=bool(row.expiries)))
        return leases

    def get(self, workspace: str, delivery: str) -> Held | None:
        """Return where a delivery stands."""
        found = self._context.run(_GET_AGED, _place(workspace, delivery)).first()
        if found is None:
            return None
        state = DeliveryState(found.state)
        return Held(
            *(found.subscriber, found.attempts, state, found.lease_token),
            recorded_at=found.created_at,
        )

    def renew(
        self, workspace: str, delivery: str, token: str, lease: timedelta
    ) -> datetime | None:
        """Begin the lease anew; None when it was lost.

        The token stays the worker's; that the lease was renewed shows in its end.
        """
        until = self._context.now() + lease
        values = {"lease_until": until, "lease_seconds": int(lease.total_seconds())}
        place = {**_place(workspace, delivery), "shown": token}
        return until if self._context.changed(_CHANGE_HELD, place | values) else None

    def complete(self, workspace: str, delivery: str, token: str, result: str) -> bool:
        """End it; False when the lease was lost."""
        values = {
            "state": _DONE,
            "result": result,
            "lease_token": "",
            "lease_until": None,
            "ended_at": self._context.now(),
        }
        place = {**_place(workspace, delivery), "shown": token}
        if not self._context.changed(_CHANGE_HELD, place | values):
            return False
        # The ticket's next one is free now.
        self._context.rung.add((workspace, place["to"]))
        return True

    def give_back(
        self,
        workspace: str,
        delivery: str,
        token: str,
        pause: timedelta,
        attempts: int,
        why: Failure,
    ) -> datetime | None:
        """Let it wait for ``pause``; None when the lease was lost."""
        due = self._context.now() + pause
        values = {
            "state": _PENDING,
            "attempts": attempts,
            "due_at": due,
            **self.failed(why),
        }
        if why.kind is not FailureKind.RELEASE:
            # Its worker lived to tell; one that gives it back may not have begun.
            values["expiries"] = 0
        place = {**_place(workspace, delivery), "shown": token}
        if not self._context.changed(_CHANGE_HELD, place | values):
            return None
        if not pause:
            self._context.rung.add((workspace, place["to"]))
        return due

    def bury(self, workspace: str, delivery: str, token: str, why: Failure) -> bool:
        """Give it up; False when the lease was lost."""
        values = {
            "state": _DEAD,
            "ended_at": self._context.now(),
            **self.failed(why),
        }
        place = {**_place(workspace, delivery), "shown": token}
        if not self._context.changed(_CHANGE_HELD, place | values):
            return False
        self._context.rung.add((workspace, place["to"]))
        return True

    def withdraw(self, workspace: str, event_id: str, subscriber: str) -> bool:
        """Take a delivery that nobody took out off the road; False when it was."""
        place = {"of": workspace, "on": event_id, "to": subscriber}
        return self._context.run(_WITHDRAW, place).rowcount > 0

    def _moment(self) -> dict[str, Any]:
        now = self._context.now()
        return {"at": now, "beyond": now + LONGEST_WAIT}
