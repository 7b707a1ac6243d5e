"""Many threads and processes at once: one winner, nothing lost, nothing twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

from sqlalchemy import text

from sidecar.domain.classification import Reason as Why
from sidecar.domain.classification import ReasonCode
from sidecar.domain.escalation import Escalation, EscalationState
from sidecar.domain.ticket import Ticket, TicketFilter
from sidecar.errors import ReadAgain, TryAgain
from sidecar.store.port import Job, Policy, Transaction
from sidecar.store.sql import SqlStore
from tests.contract.store import children, samples
from tests.contract.store.samples import LEASE
from tests.servers import DatabaseServer

T = TypeVar("T")
W = "acme"
THREADS = 8


def at_once(work: Callable[[int], T]) -> list[T]:
    """Run ``work`` in all threads from the same moment."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def persist(store: SqlStore, work: Callable[[Transaction], T]) -> T:
    """Do what callers do on TryAgain: the same again."""
    for _ in range(50):
        try:
            with store.transaction(durable=False) as tx:
                return work(tx)
        except TryAgain:
            continue
    raise AssertionError("it never worked")


def test_a_burst_after_the_start_waits_for_no_new_connection(
    server: tuple[DatabaseServer, SqlStore],
) -> None:
    """Readers and writers that come at once find their connections open."""
    _, store = server
    store.warm_up()
    before = _connections(store)
    everybody = threading.Barrier(THREADS)

    def read_and_write(_number: int) -> None:
        for opened in (store.reading, store.transaction):
            with opened() as tx:
                everybody.wait(10)
                tx.policies.get(W, "a")

    at_once(read_and_write)
    assert before == _connections(store) == 2 * THREADS


def _connections(store: SqlStore) -> int:
    counted = text(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()"
    )
    with store.reading() as tx:
        return int(tx._context.connection.execute(counted).scalar_one())


def test_a_request_has_one_winner_among_threads(store: SqlStore) -> None:
    """Of many who claim the same id at once exactly one works."""
    for round_ in range(15):

        def claim(_number: int, name: str = f"r{round_}") -> bool:
            key = samples.request_key(W, name)
            try:
                return persist(store, lambda tx: tx.requests.begin(key, LEASE)) is None
            except ReadAgain:
                return False

        assert sum(at_once(claim)) == 1


def test_a_request_has_one_winner_among_processes(store: SqlStore, url: str) -> None:
    """The claim is the database's, not the process's."""
    count = 150
    started = [children.start(children.claim_all, url, count) for _ in range(4)]
    won: Counter[int] = Counter()
    for child, end in started:
        won.update(item for item in children.received(end) if item is not None)
        child.join(20)
        assert child.exitcode == 0
    assert won == Counter(range(count))


def test_an_expired_claim_is_taken_over_by_one(store: SqlStore) -> None:
    """Many who find a dead holder's claim do not all work."""
    key = samples.request_key(W)
    persist(store, lambda tx: tx.requests.begin(key, -LEASE))

    def claim(_number: int) -> bool:
        mine = samples.request_key(W)
        try:
            return persist(store, lambda tx: tx.requests.begin(mine, LEASE)) is None
        except ReadAgain:
            return False

    assert sum(at_once(claim)) == 1


def test_one_ticket_arriving_everywhere_is_one_ticket(store: SqlStore) -> None:
    """The same new ticket from many connectors' workers keeps all messages."""
    for round_ in range(5):

        def send(number: int, name: str = f"t{round_}") -> Ticket:
            part = samples.ticket(name, messages=(samples.message(f"m{number}"),))
            return persist(store, lambda tx: tx.tickets.upsert(W, part))

        stored = at_once(send)
        assert len({ticket.id for ticket in stored}) == 1
        with store.reading() as tx:
            whole = tx.tickets.get(W, stored[0].id)
        assert whole is not None
        names = {m.external_id for m in whole.messages}
        assert names == {f"m{n}" for n in range(THREADS)}
        assert whole.etag in {ticket.etag for ticket in stored}
    with store.reading() as tx:
        assert len(tx.tickets.page(W, TicketFilter(), 99, "").items) == 5


def test_one_escalation_is_opened_and_all_reasons_are_kept(store: SqlStore) -> None:
    """Many reasons at once make one alert."""
    for round_ in range(5):
        name = f"t{round_}"
        with store.transaction() as tx:
            own_id = tx.tickets.upsert(W, samples.ticket(name)).id

        def raise_it(number: int, about: str = own_id) -> tuple[Escalation, bool]:
            why = (Why(ReasonCode.KEYWORD, f"reason {number}"),)
            item = samples.escalation(about, reasons=why)
            return persist(store, lambda tx: tx.escalations.open(W, item))

        assert sum(created for _, created in at_once(raise_it)) == 1
        with store.reading() as tx:
            opened = tx.escalations.open_for(W, own_id)
        assert opened is not None
        assert {r.text for r in opened.reasons} == {
            f"reason {n}" for n in range(THREADS)
        }


def test_an_escalation_changes_hands_once(store: SqlStore) -> None:
    """Of many who hold the same etag one wins; the others read again."""
    own_id = persist(store, lambda tx: tx.tickets.upsert(W, samples.ticket()).id)
    current = persist(
        store, lambda tx: tx.escalations.open(W, samples.escalation(own_id))
    )[0]
    for _ in range(10):

        def take(number: int, seen: Escalation = current) -> Escalation | None:
            try:
                return persist(
                    store,
                    lambda tx: tx.escalations.change(
                        W, seen.id, seen.etag, EscalationState.ASSIGNED, f"{number}", ""
                    ),
                )
            except ReadAgain:
                return None

        winners = [item for item in at_once(take) if item]
        assert len(winners) == 1
        with store.reading() as tx:
            assert tx.escalations.get(W, current.id) == winners[0]
        current = winners[0]


def test_no_write_to_a_policy_is_lost(store: SqlStore) -> None:
    """Counting by compare and set in many threads counts every step."""

    def put(value: str, etag: str, tx: Transaction) -> Policy:
        return tx.policies.put(W, "counter", value, etag)

    def count(_number: int) -> None:
        for _ in range(10):
            while True:
                with store.reading() as tx:
                    seen = tx.policies.get(W, "counter")
                value = str(int(seen.value) + 1 if seen else 1)
                step = partial(put, value, seen.etag if seen else "")
                try:
                    persist(store, step)
                    break
                except ReadAgain:
                    continue

    at_once(count)
    with store.reading() as tx:
        policy = tx.policies.get(W, "counter")
    assert policy is not None
    assert policy.value == str(THREADS * 10)


def test_no_job_has_two_workers(store: SqlStore) -> None:
    """Every queued job is taken exactly once."""
    with store.transaction() as tx:
        for number in range(40):
            tx.jobs.add(samples.job(W, f"job_{number:02}"))

    def finish(job: Job, worker: str, tx: Transaction) -> bool:
        return tx.jobs.progress(replace(job, state="done"), worker, LEASE)

    def work(number: int) -> list[str]:
        taken = []
        misses = 0
        while misses < 3:
            job = persist(store, lambda tx: tx.jobs.lease(f"w{number}", LEASE))
            if job is None:
                # Rows that another worker looks at are skipped, not free.
                misses += 1
                continue
            taken.append(job.id)
            assert persist(store, partial(finish, job, f"w{number}"))
        return taken

    taken = [name for names in at_once(work) for name in names]
    assert sorted(taken) == [f"job_{number:02}" for number in range(40)]


def test_readers_see_whole_transactions(store: SqlStore) -> None:
    """A reader never sees a ticket without the message it came with."""
    stop = threading.Event()

    def send(name: str, tx: Transaction) -> Ticket:
        return tx.tickets.upsert(W, samples.ticket(name))

    def write(number: int) -> int:
        seen = 0
        if number < 2:
            for n in range(30):
                persist(store, partial(send, f"{number}-{n}"))
            stop.set()
            return seen
        while not stop.is_set():
            with store.reading() as tx:
                page = tx.tickets.page(W, TicketFilter(), 99, "")
                whole = tx.tickets.get_many(W, [t.id for t in page.items])
            assert all(len(t.messages) == 1 for t in whole.values())
            assert len(whole) == len(page.items)
            seen += 1
        return seen

    assert sum(at_once(write)) > 0


def test_a_fork_opens_connections_of_its_own(store: SqlStore, url: str) -> None:
    """Parent and child go on without disturbing each other."""
    child, end = children.start(children.fork_and_write, url)
    assert children.received(end) == [0]
    child.join(20)
    assert child.exitcode == 0
    with store.reading() as tx:
        for who in (True, False):
            assert all(tx.policies.get(W, f"{who}-{n}") for n in range(20))
