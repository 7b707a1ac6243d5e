"""Leases that ran out: who else was in the worker's hand, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, select, update

from sidecar.domain.event import (
    DeliveryState,
    Failure,
    FailureKind,
    delivery_id,
    split_delivery_id,
)
from sidecar.domain.expiry import STORMY_FOR, after_expiry
from sidecar.store.context import Context, Record
from sidecar.store.dead_letters import SqlDeadLetters
from sidecar.store.records import LeaseSeen
from sidecar.store.tables import connectors
from sidecar.store.tables import deliveries as t

_PENDING, _LEASED = DeliveryState.PENDING.value, DeliveryState.LEASED.value
_DONE, _DEAD = DeliveryState.DONE.value, DeliveryState.DEAD.value

THIS = and_(
    t.c.workspace == bindparam("of"),
    t.c.event_id == bindparam("on"),
    t.c.subscriber == bindparam("to"),
)
HELD = and_(THIS, t.c.state == _LEASED, t.c.lease_token == bindparam("shown"))
OF_SUBSCRIBER = and_(
    t.c.workspace == bindparam("of"), t.c.subscriber == bindparam("to")
)
ONE_AT_A_TIME = (
    select(connectors.c.name)
    .where(
        connectors.c.workspace == bindparam("of"),
        connectors.c.name == bindparam("to"),
    )
    .with_for_update()
)
_GET = select(t).where(THIS)
_TAKE_BACK = update(t).where(HELD, t.c.lease_until == bindparam("as_seen"))
_OUT = (
    *(t.c.workspace, t.c.event_id, t.c.subscriber),
    *(t.c.lease_token, t.c.lease_seconds, t.c.lease_until),
)
_ALL_OUT = select(*_OUT).where(t.c.state == _LEASED)
_OF_WORKER = and_(OF_SUBSCRIBER, t.c.state == _LEASED, t.c.worker == bindparam("named"))
_OUT_OF_WORKER = select(*_OUT).where(_OF_WORKER)
_COMPANIONS = and_(_OF_WORKER, t.c.event_id != bindparam("on"))
_HAS_COMPANIONS = select(exists().where(_COMPANIONS))
_CROWD = update(t).where(_COMPANIONS)
_STORMY = select(
    exists().where(
        OF_SUBSCRIBER,
        t.c.ran_out_alone_at > bindparam("since"),
        t.c.state == _DONE,
    )
)


class SqlExpiries(SqlDeadLetters):
    """Finds leases that are out and takes expired ones back."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._context = context

    def leased(self) -> list[LeaseSeen]:
        """Return every lease that is out, of all workspaces, for the sweeper."""
        return [_seen(row) for row in self._context.run(_ALL_OUT)]

    def left_by(self, workspace: str, subscriber: str, worker: str) -> list[LeaseSeen]:
        """Return what is out under the name of one worker."""
        place = {"of": workspace, "to": subscriber, "named": worker}
        return [_seen(row) for row in self._context.run(_OUT_OF_WORKER, place)]

    def take_back(self, seen: LeaseSeen) -> DeliveryState | None:
        """Arm an expired lease again, once; None when it was renewed or ended.

        DEAD when it seems to be what kills its workers; see ``domain.expiry``.
        """
        event_id, subscriber = split_delivery_id(seen.delivery)
        place = {"of": seen.workspace, "on": event_id, "to": subscriber}
        if self._context.is_mysql:
            # Companions are marked: two sweepers would wait for each other's rows.
            self._context.run(ONE_AT_A_TIME, place)
        found = self._context.run(_GET, place).first()
        if found is None:
            return None
        now = self._context.now()
        alone = self._was_alone(found, place)
        since = now - STORMY_FOR
        stormy = bool(self._context.run(_STORMY, {**place, "since": since}).scalar())
        counts = found.attempts, found.expiries or 0
        left = after_expiry(*counts, alone=alone, stormy=stormy)
        values: dict[str, Any] = {
            "state": _DEAD if left.dead else _PENDING,
            "attempts": left.attempts,
            "expiries": left.expiries,
            "ran_out_alone_at": now if alone else found.ran_out_alone_at,
            "ended_at" if left.dead else "due_at": now,
            **self.failed(
                Failure(
                    *(FailureKind.TRY_AGAIN, "LEASE_EXPIRED"),
                    "The worker did not come back.",
                )
            ),
        }
        shown = {"shown": seen.token, "as_seen": seen.until}
        if not self._context.changed(_TAKE_BACK, {**place, **shown, **values}):
            return None
        if not alone:
            # Whoever of them is left alone in the end was not alone in the worker.
            self._context.run(_CROWD, {**place, "named": found.worker, "crowded": True})
        self._context.rung.add((seen.workspace, subscriber))
        return DeliveryState.DEAD if left.dead else DeliveryState.PENDING

    def _was_alone(self, found: Record, place: dict[str, Any]) -> bool:
        if found.crowded:
            return False
        named = {**place, "named": found.worker}
        return not self._context.run(_HAS_COMPANIONS, named).scalar()

    def failed(self, why: Failure) -> dict[str, Any]:
        """Return the columns of a lease that ended badly."""
        return {
            "lease_token": "",
            "lease_until": None,
            "error_reason": why.reason,
            "error_message": why.message,
            "failed_at": self._context.now() if why.reason else None,
        }


def _seen(row: Record) -> LeaseSeen:
    return LeaseSeen(
        workspace=row.workspace,
        delivery=delivery_id(row.event_id, row.subscriber),
        token=row.lease_token,
        lease=timedelta(seconds=row.lease_seconds),
        until=row.lease_until,
    )
