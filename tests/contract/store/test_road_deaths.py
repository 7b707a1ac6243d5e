"""Workers that die: what kills them is dead after five, the others go through."""

from __future__ import annotations

from datetime import timedelta

from sidecar.clock import FixedClock
from sidecar.domain.event import MAX_ATTEMPTS, DeadLetterFilter, DeliveryState, Lease
from sidecar.domain.expiry import MAX_EXPIRIES, STORMY_FOR
from sidecar.store.sql import SqlStore
from tests.contract.store.samples import LEASE
from tests.contract.store.test_road import SUB, W, lease, publish

_DEAD, _PENDING = DeliveryState.DEAD, DeliveryState.PENDING


def die(store: SqlStore, *left: Lease) -> list[DeliveryState | None]:
    """Kill the worker that has these: their leases run out one after the other."""
    states = []
    for item in left:
        with store.reading() as tx:
            (seen,) = [s for s in tx.deliveries.leased() if s.token == item.token]
        with store.transaction() as tx:
            states.append(tx.deliveries.take_back(seen))
    return states


def complete(store: SqlStore, item: Lease) -> None:
    """Be done with it."""
    with store.transaction() as tx:
        assert tx.deliveries.complete(W, item.delivery_id, item.token, "{}")


def dead(store: SqlStore) -> list[str]:
    """Return the vendor's ids of what is dead."""
    with store.reading() as tx:
        page = tx.deliveries.dead(W, DeadLetterFilter(), 99, "")
    return [letter.event.source_event_id for letter in page.items]


def test_what_kills_its_worker_is_dead_after_five(store: SqlStore) -> None:
    """Alone in the worker each time, it used up its attempts like any failure."""
    publish(store, W, "poison")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (item,) = lease(store)
        assert (item.attempt, item.work_alone) == (attempt, attempt > 1)
        wanted = _DEAD if attempt == MAX_ATTEMPTS else _PENDING
        assert die(store, item) == [wanted]
    assert dead(store) == ["poison"]


def test_poison_takes_nobody_with_it(store: SqlStore) -> None:
    """What died in its company comes by itself from then on, and goes through."""
    for name in ("a", "poison", "b"):
        publish(store, W, name)
    together = lease(store)
    assert len(together) == 3
    assert die(store, *together) == [_PENDING] * 3
    publish(store, W, "later")
    done, attempts = [], []
    while found := lease(store):
        if found[0].event.source_event_id == "poison":
            attempts.append(found[0].attempt)
            assert len(found) == 1
            die(store, *found)
            continue
        for item in found:
            complete(store, item)
            done.append((item.event.source_event_id, item.work_alone))
    assert done == [("a", True), ("b", True), ("later", False)]
    # The time with the others did not count.
    assert attempts == [1, 2, 3, 4, 5]
    assert dead(store) == ["poison"]


def test_while_workers_die_of_other_things_nobody_is_blamed(
    store: SqlStore, clock: FixedClock
) -> None:
    """One that died alone and then went through excuses the others, for a while."""
    publish(store, W, "proof")
    (proof,) = lease(store)
    die(store, proof)
    publish(store, W, "unlucky")
    (proof,) = lease(store)
    complete(store, proof)
    for _ in range(MAX_ATTEMPTS + 1):
        (item,) = lease(store)
        assert item.attempt == 1
        assert die(store, item) == [_PENDING]
    clock.advance(STORMY_FOR + timedelta(seconds=1))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        (item,) = lease(store)
        assert item.attempt == attempt
        die(store, item)
    assert dead(store) == ["unlucky"]


def test_nothing_is_tried_for_ever(store: SqlStore) -> None:
    """Never alone, it is dead after twenty deaths; a replay begins anew."""
    publish(store, W, "poison")
    publish(store, W, "other")
    deaths = 0
    while "poison" not in dead(store):
        poison, *_ = lease(store, limit=1)
        other = lease(store, limit=1)
        if poison.event.source_event_id != "poison":
            poison, other = other[0], [poison]
        die(store, poison, *other)
        deaths += 1
    assert deaths == MAX_EXPIRIES
    (again,) = dead(store)[:1]
    assert again
    with store.transaction() as tx:
        assert tx.deliveries.replay(W, DeadLetterFilter()) == 2
    assert [len(lease(store)) for _ in range(3)] == [2, 0, 0]


def test_what_is_out_is_known_by_its_worker(store: SqlStore) -> None:
    """By name, workspace and subscriber, and no longer once it is done."""
    publish(store, W, "one")
    publish(store, "other", "theirs")
    (item,), _ = lease(store), lease(store, "other")
    with store.reading() as tx:
        (seen,) = tx.deliveries.left_by(W, SUB, "w")
        assert (seen.delivery, seen.lease) == (item.delivery_id, LEASE)
        assert tx.deliveries.left_by(W, SUB, "v") == []
        assert tx.deliveries.left_by(W, "slack", "w") == []
    complete(store, item)
    with store.reading() as tx:
        assert tx.deliveries.left_by(W, SUB, "w") == []
