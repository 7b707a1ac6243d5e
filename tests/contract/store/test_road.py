"""The road in the database: nothing lost, nothing twice, each ticket in order."""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sidecar.clock import FixedClock
from sidecar.domain.event import (
    MAX_ATTEMPTS,
    DeadLetterFilter,
    DeliveryState,
    Event,
    Failure,
    FailureKind,
    Lease,
)
from sidecar.domain.expiry import MAX_EXPIRIES
from sidecar.errors import ChangeStateFirst
from sidecar.store.sql import SqlStore
from sidecar.usecases.expired_leases import ExpiryWatch
from tests.contract.store import samples
from tests.contract.store.samples import LEASE

SUB = "zendesk"
W = "acme"
FAILED = Failure(FailureKind.TRY_AGAIN, "X", "x")


def publish(store: SqlStore, workspace: str, name: str, ticket: str = "") -> str:
    """Put an event on the road."""
    with store.transaction() as tx:
        return tx.events.add(workspace, samples.event(name, ticket), [SUB])


def lease(store: SqlStore, workspace: str = W, limit: int = 100) -> list[Lease]:
    """Take what is due."""
    with store.transaction(durable=False) as tx:
        return list(tx.deliveries.lease(workspace, SUB, (), limit, LEASE, "w"))


class Road(RuleBasedStateMachine):
    """Workers that work, fail, die and come back as zombies, against a model."""

    store: SqlStore
    clock: FixedClock

    def __init__(self) -> None:
        super().__init__()
        self.workspace = f"w{secrets.token_hex(6)}"
        self.order: dict[str, list[str]] = defaultdict(list)
        self.out: dict[str, Lease] = {}
        self.zombies: list[Lease] = []
        self.ended: set[str] = set()
        self.attempts: dict[str, int] = defaultdict(int)
        self.expiries: dict[str, int] = defaultdict(int)
        self.crowded: set[str] = set()
        self.alone: set[str] = set()
        self.stormy = False

    @rule(ticket=st.sampled_from(["", "z:1", "z:2", "z:3"]))
    def publish(self, ticket: str) -> None:
        """An event comes in."""
        own_id = publish(self.store, self.workspace, secrets.token_hex(8), ticket)
        self.order[ticket].append(own_id)

    @rule(limit=st.integers(1, 5))
    def lease(self, limit: int) -> None:
        """A worker takes some: of each ticket only the first that is not ended."""
        for item in lease(self.store, self.workspace, limit):
            own_id, ticket = item.event.id, item.event.ticket_key
            assert own_id not in self.out
            assert own_id not in self.ended
            self.attempts[own_id] += 1
            self.crowded.discard(own_id)
            assert item.attempt == self.attempts[own_id]
            assert item.work_alone == bool(self.expiries[own_id])
            if ticket:
                waiting = [e for e in self.order[ticket] if e not in self.ended]
                assert own_id == waiting[0]
            self.out[own_id] = item

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        """A worker is done."""
        item = self._one(data)
        with self.store.transaction() as tx:
            assert tx.deliveries.complete(
                self.workspace, item.delivery_id, item.token, "{}"
            )
        self.ended.add(item.event.id)
        self.stormy = self.stormy or item.event.id in self.alone

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        """A worker fails: once more, or dead after the last attempt."""
        item = self._one(data)
        place = (self.workspace, item.delivery_id, item.token)
        with self.store.transaction() as tx:
            if item.attempt >= MAX_ATTEMPTS:
                assert tx.deliveries.bury(*place, FAILED)
                self.ended.add(item.event.id)
            else:
                now = timedelta(0)
                assert tx.deliveries.give_back(*place, now, item.attempt, FAILED)
                self.expiries[item.event.id] = 0
        self.zombies.append(item)

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """A worker is killed; two sweepers find its lease, one takes it back."""
        item = self._one(data)
        with self.store.reading() as tx:
            (seen,) = [s for s in tx.deliveries.leased() if s.token == item.token]
        taken = []
        for _ in range(2):
            with self.store.transaction() as tx:
                taken.append(tx.deliveries.take_back(seen))
        dead = self._counts(item.event.id) and item.attempt >= MAX_ATTEMPTS
        dead = dead or self.expiries[item.event.id] >= MAX_EXPIRIES
        wanted = DeliveryState.DEAD if dead else DeliveryState.PENDING
        assert taken == [wanted, None]
        if dead:
            self.ended.add(item.event.id)
        self.zombies.append(item)

    def _counts(self, own_id: str) -> bool:
        """Say whether a death speaks against the event, and note what it was like."""
        self.expiries[own_id] += 1
        alone = not self.out and own_id not in self.crowded
        self.crowded |= {item.event.id for item in self.out.values()}
        if alone:
            self.alone.add(own_id)
        counts = alone and not self.stormy
        self.attempts[own_id] -= not counts
        return counts

    @precondition(lambda self: self.zombies)
    @rule(data=st.data())
    def haunt(self, data: st.DataObject) -> None:
        """A zombie says it is done, and is not believed."""
        item = data.draw(st.sampled_from(self.zombies))
        with self.store.transaction() as tx:
            place = (self.workspace, item.delivery_id, item.token)
            assert not tx.deliveries.complete(*place, "{}")
            assert tx.deliveries.renew(*place, LEASE) is None

    def _one(self, data: st.DataObject) -> Lease:
        return self.out.pop(data.draw(st.sampled_from(sorted(self.out))))

    @invariant()
    def one_of_a_ticket_is_out(self) -> None:
        """Of a ticket never two are out."""
        keys = [item.event.ticket_key for item in self.out.values()]
        named = [key for key in keys if key]
        assert len(named) == len(set(named))

    def teardown(self) -> None:
        """Nothing is lost: what did not end can still be taken, in order."""
        for item in self.out.values():
            with self.store.transaction() as tx:
                place = (self.workspace, item.delivery_id, item.token)
                assert tx.deliveries.complete(*place, "{}")
            self.ended.add(item.event.id)
        while found := lease(self.store, self.workspace):
            for item in found:
                with self.store.transaction() as tx:
                    place = (self.workspace, item.delivery_id, item.token)
                    assert tx.deliveries.complete(*place, "{}")
                self.ended.add(item.event.id)
        assert self.ended == {one for many in self.order.values() for one in many}


def test_any_course_of_events_keeps_order_and_loses_nothing(
    store: SqlStore, clock: FixedClock
) -> None:
    """Publish, lease, complete, fail, die and haunt in any order (B03, B15)."""

    class Here(Road):
        pass

    Here.store, Here.clock = store, clock
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_many_workers_at_once_share_without_double(store: SqlStore) -> None:
    """Eight workers, twelve tickets: each event once, in order, one of a ticket out."""
    tickets, each = 12, 6
    for number in range(each):
        for ticket in range(tickets):
            publish(store, W, f"{ticket}-{number}", f"z:{ticket}")
    seen: dict[str, list[int]] = defaultdict(list)
    busy: set[str] = set()
    wrong: list[str] = []
    lock = threading.Lock()
    ends = time.monotonic() + 20

    def work() -> None:
        while time.monotonic() < ends:
            found = lease(store, limit=3)
            if not found:
                with lock:
                    if sum(map(len, seen.values())) == tickets * each:
                        return
                time.sleep(0.002)
                continue
            for item in found:
                key = item.event.ticket_key
                with lock:
                    if key in busy:
                        wrong.append(key)
                    busy.add(key)
            for item in found:
                key = item.event.ticket_key
                with lock:
                    number = int(item.event.source_event_id.split("-")[1])
                    seen[key].append(number)
                    busy.discard(key)
                with store.transaction(durable=False) as tx:
                    place = (W, item.delivery_id, item.token)
                    assert tx.deliveries.complete(*place, "{}")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert all(numbers == list(range(each)) for numbers in seen.values())
    assert len(seen) == tickets


def test_a_repeat_is_refused_and_leaves_nothing(store: SqlStore) -> None:
    """The key is workspace, source and the source's id; many at once store one."""
    outcomes = []

    def send() -> None:
        try:
            outcomes.append(publish(store, W, "same"))
        except ChangeStateFirst:
            outcomes.append("")

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (stored,) = [one for one in outcomes if one]
    with store.reading() as tx:
        assert tx.events.find(W, "zendesk", "same") == stored
    assert publish(store, "other", "same")
    assert len(lease(store)) == 1


def test_dead_letters_are_listed_replayed_and_discarded(
    store: SqlStore, clock: FixedClock
) -> None:
    """Newest first in stable pages; a replay keeps the id and gives all attempts."""
    for number in range(5):
        publish(store, W, f"e{number}")
    for item in lease(store):
        clock.advance(timedelta(seconds=1))
        with store.transaction() as tx:
            tx.deliveries.bury(W, item.delivery_id, item.token, FAILED)
    names, cursor = [], ""
    with store.reading() as tx:
        while True:
            page = tx.deliveries.dead(W, DeadLetterFilter(), 2, cursor)
            names += [letter.event.source_event_id for letter in page.items]
            cursor = page.next_cursor
            if not cursor:
                break
    assert names == ["e4", "e3", "e2", "e1", "e0"]
    first = page.items[0]
    one = DeadLetterFilter(delivery_ids=(first.delivery_id,))
    with store.transaction() as tx:
        assert tx.deliveries.replay(W, one) == 1
        assert tx.deliveries.discard(W, DeadLetterFilter(reason="Y")) == 0
        assert tx.deliveries.discard(W, DeadLetterFilter(reason="X")) == 4
        assert tx.deliveries.replay(W, DeadLetterFilter()) == 0
    (again,) = lease(store)
    assert (again.delivery_id, again.attempt) == (first.delivery_id, 1)


def test_purging_keeps_what_is_not_done_and_what_must_be_recognised(
    store: SqlStore, clock: FixedClock
) -> None:
    """Done events go after their time, with their deliveries; open ones stay."""
    done, _open = publish(store, W, "done"), publish(store, W, "open")
    for item in lease(store, limit=1):
        with store.transaction() as tx:
            assert tx.deliveries.complete(W, item.delivery_id, item.token, "{}")
    clock.advance(timedelta(days=31))
    with store.transaction() as tx:
        assert tx.events.purge(clock.now() - timedelta(days=32), 9) == 0
        with pytest.raises(ChangeStateFirst):
            tx.events.add(W, samples.event("done"), [])
    with store.transaction() as tx:
        assert tx.events.purge(clock.now() - timedelta(days=30), 9) == 1
        assert tx.events.find(W, "zendesk", "done") is None
        assert tx.deliveries.result(W, done, SUB) is None
    assert [item.event.source_event_id for item in lease(store)] == ["open"]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_neither_ends_nor_freezes_leases(
    store: SqlStore, clock: FixedClock, hours: int
) -> None:
    """B12: expiry is measured by a clock that nobody sets; waiting ones come too."""
    moment = [100.0]
    watch = ExpiryWatch(lambda: moment[0])

    def expired() -> int:
        with store.reading() as tx:
            return len(watch.expired(tx.deliveries.leased(), clock.now()))

    assert expired() == 0
    publish(store, W, "out")
    publish(store, W, "waits")
    out, waits = lease(store)
    with store.transaction() as tx:
        place = (W, waits.delivery_id, waits.token)
        assert tx.deliveries.give_back(*place, timedelta(minutes=10), 1, FAILED)
    assert expired() == 0
    clock.advance(timedelta(hours=hours))
    moment[0] += 1
    assert expired() == 0
    moment[0] += LEASE.total_seconds() - 0.5
    with store.transaction() as tx:
        # The worker lives and renews: its lease begins anew.
        assert tx.deliveries.renew(W, out.delivery_id, out.token, LEASE)
    assert expired() == 0
    moment[0] += LEASE.total_seconds() + 0.1
    assert expired() == 1
    if hours < 0:
        # What should wait ten minutes does not wait an hour and ten.
        assert [item.delivery_id for item in lease(store)] == [waits.delivery_id]


def test_a_large_batch_is_cut_to_what_an_answer_can_carry(store: SqlStore) -> None:
    """A hundred events of 256 KiB do not come in one message."""
    big = '"' + "x" * (256 * 1024 - 2) + '"'
    with store.transaction() as tx:
        for number in range(12):
            event = Event("zendesk.ticket.updated", "zendesk", f"b{number}", big)
            tx.events.add(W, event, [SUB])
    batches = []
    while found := lease(store):
        batches.append(sum(len(item.event.payload) for item in found))
    assert max(batches) <= 2 * 1024 * 1024
    assert len(batches) == 2
