"""Hand deliveries out, hear what became of them, and take back what was left."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sidecar.domain.access import Principal
from sidecar.domain.event import (
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    PATIENCE,
    DeliveryState,
    Failure,
    FailureKind,
    Held,
    Lease,
    jitter,
    pause_after,
    pause_asked,
    split_delivery_id,
)
from sidecar.errors import ChangeStateFirst, Reason
from sidecar.store.port import LeaseSeen, Transaction
from sidecar.usecases.events import check_own
from sidecar.usecases.flags import WRITING_PAUSED, flag
from sidecar.usecases.ports import Ports

# Without a ring, as when another process stored the event: how often to look.
_LOOK_EVERY = (0.2, 1.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker asks for; ``wait`` is how long when there is nothing.

    ``held`` are the deliveries it has in hand; None when it does not say.
    """

    subscriber: str
    types: tuple[str, ...] = ()
    limit: int = 10
    lease: timedelta = timedelta(seconds=30)
    wait: timedelta = timedelta(0)
    worker: str = ""
    held: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """What a worker gets, and what it must know before it writes anywhere.

    ``settings_etag`` is that of its connector, '' before it is set up.
    """

    leases: tuple[Lease, ...]
    writing_paused: bool
    settings_etag: str


@dataclass(frozen=True, slots=True)
class Failed:
    """What became of a failed delivery: dead, or due again at ``next_attempt``.

    ``retry`` is false for one that was only given back.
    """

    next_attempt: datetime | None
    retry: bool


def lease_events(
    ports: Ports, caller: Principal, wanted: Wanted, still_wanted: Callable[[], bool]
) -> Handed:
    """Lease what is due, waiting for it if asked.

    What is out under the worker's name and not in its hand comes back first.
    Raises ``AskSomebodyElse`` when the caller's key is another connector's.
    """
    check_own(caller, wanted.subscriber)
    _take_back_left(ports, caller.workspace, wanted)
    ends = time.monotonic() + wanted.wait.total_seconds()
    door = (caller.workspace, wanted.subscriber)
    seen = ports.doorbell.wait(*door, 0, 0)
    while True:
        leases = _lease(ports, caller, wanted)
        left = ends - time.monotonic()
        if leases or left <= 0 or ports.doorbell.is_closed or not still_wanted():
            return _handed(ports, caller, wanted.subscriber, leases)
        pause = random.uniform(*_LOOK_EVERY)  # noqa: S311 - only a pause
        seen = ports.doorbell.wait(*door, seen, min(left, pause))


def _take_back_left(ports: Ports, workspace: str, wanted: Wanted) -> None:
    """End what the worker's predecessor had, or an answer that never reached it."""
    if wanted.held is None:
        return
    with ports.store.reading() as tx:
        out = tx.deliveries.left_by(workspace, wanted.subscriber, wanted.worker)
    left = [seen for seen in out if seen.delivery not in wanted.held]
    if left:
        take_back(ports, left)


def _lease(ports: Ports, caller: Principal, wanted: Wanted) -> tuple[Lease, ...]:
    workspace = caller.workspace
    # Looking takes no lock; only who will find something queues as a writer.
    with ports.store.reading() as tx:
        if not tx.deliveries.has_due(workspace, wanted.subscriber):
            return ()
    # A lease that a power cut forgets is a delivery that was never out.
    with ports.store.transaction(durable=False) as tx:
        leases = tx.deliveries.lease(
            *(workspace, wanted.subscriber, wanted.types),
            *(wanted.limit, wanted.lease, wanted.worker),
        )
    return tuple(leases)


def _handed(
    ports: Ports, caller: Principal, subscriber: str, leases: tuple[Lease, ...]
) -> Handed:
    with ports.store.reading() as tx:
        paused = flag(tx, caller.workspace, WRITING_PAUSED)
        connector = tx.connectors.get(caller.workspace, subscriber)
    return Handed(leases, paused, connector.etag if connector else "")


def renew_lease(
    ports: Ports, caller: Principal, delivery: str, token: str, lease: timedelta
) -> datetime:
    """Make a lease last longer; raises ``ChangeStateFirst(LEASE_LOST)``."""
    check_own(caller, split_delivery_id(delivery)[1])
    with ports.store.transaction(durable=False) as tx:
        until = tx.deliveries.renew(caller.workspace, delivery, token, lease)
    if until is None:
        raise ChangeStateFirst(Reason.LEASE_LOST, delivery)
    return until


def complete_event(
    ports: Ports, caller: Principal, delivery: str, token: str, result: str
) -> None:
    """Note that a delivery is done; raises ``ChangeStateFirst(LEASE_LOST)``."""
    check_own(caller, split_delivery_id(delivery)[1])
    with ports.store.transaction() as tx:
        if not tx.deliveries.complete(caller.workspace, delivery, token, result):
            raise ChangeStateFirst(Reason.LEASE_LOST, delivery)


def fail_event(
    ports: Ports, caller: Principal, delivery: str, token: str, why: Failure
) -> Failed:
    """Decide what becomes of a failed delivery: once more, given back, or dead.

    Raises ``ChangeStateFirst(LEASE_LOST)`` when another worker has it.
    """
    check_own(caller, split_delivery_id(delivery)[1])
    with ports.store.transaction() as tx:
        held = tx.deliveries.get(caller.workspace, delivery)
        if (
            held is None
            or held.state is not DeliveryState.LEASED
            or held.token != token
        ):
            raise ChangeStateFirst(Reason.LEASE_LOST, delivery)
        age = max(ports.clock.now() - held.recorded_at, timedelta(0))
        return _fail(tx, caller.workspace, delivery, held, why, age)


def _fail(
    tx: Transaction,
    workspace: str,
    delivery: str,
    held: Held,
    why: Failure,
    age: timedelta,
) -> Failed:
    attempts = held.attempts
    if why.kind is FailureKind.RELEASE:
        attempts -= 1
        pause = min(why.retry_after, LONGEST_WAIT)
    elif why.kind is FailureKind.TRY_AGAIN and why.retry_after and age < PATIENCE:
        # A vendor's limit or a paused workspace: no fault of this event.
        attempts -= 1
        pause = pause_asked(age, why.retry_after, jitter())
    elif why.kind is FailureKind.GIVE_UP or attempts >= MAX_ATTEMPTS:
        if not tx.deliveries.bury(workspace, delivery, held.token, why):
            raise ChangeStateFirst(Reason.LEASE_LOST, delivery)
        return Failed(None, False)
    else:
        pause = pause_after(attempts, why.retry_after, jitter())
    due = tx.deliveries.give_back(workspace, delivery, held.token, pause, attempts, why)
    if due is None:
        raise ChangeStateFirst(Reason.LEASE_LOST, delivery)
    return Failed(due, why.kind is FailureKind.TRY_AGAIN)


def take_back(ports: Ports, expired: Sequence[LeaseSeen]) -> list[DeliveryState]:
    """Arm expired leases again; return the state of those that were really taken."""
    taken = []
    for seen in expired:
        with ports.store.transaction() as tx:
            state = tx.deliveries.take_back(seen)
        if state is not None:
            taken.append(state)
    return taken
