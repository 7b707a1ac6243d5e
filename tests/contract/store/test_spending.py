"""What language models cost: every store keeps the same books."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

from sidecar.domain.budget import ModelCall, Spent, Tokens
from sidecar.store.sql import SqlStore

DAY = date(2026, 3, 31)


def call(name: str, day: date = DAY, cost: int = 100, ticket: str = "t") -> ModelCall:
    """Return a call that begins."""
    return ModelCall(name, day, "openai", "m", "draft", ticket, cost=cost)


def test_a_reservation_counts_until_it_is_settled(store: SqlStore) -> None:
    """First the estimate, then what it was; settling twice changes nothing."""
    done = replace(call("a"), outcome="answered", tokens=Tokens(5, 0, 0, 7), cost=12)
    with store.transaction() as tx:
        assert tx.spending.reserve("w", call("a")) == Spent(100, 100)
        assert tx.spending.reserve("w", call("b", cost=1)) == Spent(101, 101)
    with store.transaction() as tx:
        assert tx.spending.settle("w", done)
        assert not tx.spending.settle("w", replace(done, cost=999))
        assert not tx.spending.settle("w", call("nobody"))
    with store.reading() as tx:
        assert tx.spending.spent("w", DAY) == Spent(13, 13)
        assert tx.spending.of_ticket("w", "t") == 13
        assert tx.spending.of_ticket("w", "other") == 0


def test_a_month_is_a_calendar_month(store: SqlStore) -> None:
    """Days of one month add up; the next month begins at nothing."""
    with store.transaction() as tx:
        tx.spending.reserve("m", call("1", date(2026, 3, 1), 1))
        tx.spending.reserve("m", call("2", date(2026, 3, 31), 10))
        tx.spending.reserve("m", call("3", date(2026, 4, 1), 100))
        tx.spending.reserve("m", call("4", date(2025, 3, 31), 1000))
    with store.reading() as tx:
        assert tx.spending.spent("m", date(2026, 3, 31)) == Spent(11, 10)
        assert tx.spending.spent("m", date(2026, 4, 2)) == Spent(100, 0)


def test_reservations_at_once_see_each_other(store: SqlStore) -> None:
    """Of ten at once each sees a different sum: together they cannot overspend."""
    seen: list[int] = []

    def reserve(number: int) -> None:
        with store.transaction(durable=False) as tx:
            seen.append(tx.spending.reserve("c", call(f"c{number}", cost=10)).day)

    threads = [threading.Thread(target=reserve, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [10 * (n + 1) for n in range(10)]


def test_old_calls_are_purged_and_what_days_cost_stays(store: SqlStore) -> None:
    """A few at a time, the oldest first; sums of past months are not changed."""
    days = [date(2025, 1, n) for n in (1, 2, 3)]
    with store.transaction() as tx:
        for number, day in enumerate([*days, DAY]):
            tx.spending.reserve("p", call(f"p{number}", day, 10, ticket=f"t{number}"))
    with store.transaction() as tx:
        assert tx.spending.purge(date(2025, 1, 3), 1) == 1
        assert tx.spending.of_ticket("p", "t0") == 0
        assert tx.spending.of_ticket("p", "t1") == 10
        assert tx.spending.purge(date(2025, 1, 3), 9) == 1
        assert tx.spending.purge(date(2025, 1, 3), 9) == 0
    with store.reading() as tx:
        assert tx.spending.of_ticket("p", "t2") == 10
        assert tx.spending.of_ticket("p", "t3") == 10
        assert tx.spending.spent("p", date(2025, 1, 31)) == Spent(30, 0)
