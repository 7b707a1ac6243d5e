"""Zendesk through outages: the sidecar away, workers killed, stopped, and replaced."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from plugin_ui.doubles.zendesk import AGENT
from tests.flow.connector_house import (
    ConnectorHouse,
    changes_of,
    sidecar_in,
    until,
)

TROUBLE = "Since this morning I cannot log in, the page says error 503."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ConnectorHouse]:
    """A sidecar and a double for each test; the connectors are started by it."""
    sidecar = sidecar_in(tmp_path)
    house = ConnectorHouse(sidecar)
    house.set_up()
    yield house
    house.close()
    sidecar.kill()


def _ready(house: ConnectorHouse) -> None:
    """Wait until a first ticket went all the way, so that the cursor is kept."""
    first = house.zendesk.desk.add_ticket("First", TROUBLE)
    house.note(first)


def _once_each(house: ConnectorHouse, numbers: list[int], seconds: float) -> None:
    desk = house.zendesk.desk
    until(
        lambda: all(desk.notes(number) for number in numbers),
        seconds,
        what=f"{sum(not desk.notes(n) for n in numbers)} of {len(numbers)} notes",
    )
    # Long enough for two more polls and the events of our own writes.
    time.sleep(2.5)
    until(lambda: house.waiting() == 0, what="the rest")
    counts = {number: len(desk.notes(number)) for number in numbers}
    assert {n: c for n, c in counts.items() if c != 1} == {}
    assert house.dead() == []


def test_fifty_tickets_of_an_outage_are_each_processed_once(
    house: ConnectorHouse,
) -> None:
    """The sidecar is down for an hour, webhooks fail, 50 tickets change: each once."""
    house.start()
    hook = house.hook()
    _ready(house)
    house.sidecar.stop()
    # The same hour passes for Zendesk, its signatures and the connectors.
    house.clock.by = timedelta(hours=1)
    desk = house.zendesk.desk
    hook.broken = True
    numbers = [desk.add_ticket(f"Outage {n}", TROUBLE) for n in range(50)]
    hook.wait(30)
    assert not any(d.accepted for d in hook.deliveries[-50:])
    hook.broken = False
    status, retry_after, spent = hook.post(b'{"ticket_id":"1"}')
    assert (status, retry_after) == (503, "5")
    assert spent < 1.0
    house.sidecar.start()
    house.sidecar.wait_until_serving()
    _once_each(house, numbers, 25)


def test_a_killed_worker_leaves_nothing_undone_or_doubled(
    house: ConnectorHouse,
) -> None:
    """B01, B03, B05: kill -9 at any moment, each ticket gets its one note."""
    house.start_process()
    desk = house.zendesk.desk
    hook = house.hook()
    _ready(house)
    # Slow writes make it likely that a kill falls between a write and its report.
    house.zendesk.fail("slow", method="PUT", seconds=0.3, times=1000)
    numbers: list[int] = []
    for kill in range(4):
        numbers += [desk.add_ticket(f"Kill {kill}.{n}", TROUBLE) for n in range(5)]
        time.sleep(0.35 + 0.2 * kill)
        assert house.end_process(signal.SIGKILL) == -signal.SIGKILL
        house.start_process()
    hook.wait(30)
    _once_each(house, numbers, 30)
    assert [n for n in numbers if not _listed(house, n)] == []


def test_what_a_killed_worker_wrote_is_listed(house: ConnectorHouse) -> None:
    """Killed between writes' answers and their records: all can be taken back.

    Of a worker that held several deliveries none counts as an attempt, and the
    conversation may have gone on since.
    """
    house.start_process()
    desk = house.zendesk.desk
    hook = house.hook()
    _ready(house)
    house.zendesk.fail("late", method="PUT", seconds=5.0, times=2)
    numbers = [desk.add_ticket(f"Cut {n}", TROUBLE) for n in range(2)]
    until(lambda: all(desk.notes(number) for number in numbers), what="both notes")
    assert house.end_process(signal.SIGKILL) == -signal.SIGKILL
    assert not any(changes_of(house, number) for number in numbers)
    desk.add_comment(numbers[0], "We are looking into it.", AGENT)
    house.start_process()
    until(lambda: all(_listed(house, n) for n in numbers), 15, what="the changes")
    hook.wait(30)
    _once_each(house, numbers, 15)


def _listed(house: ConnectorHouse, number: int) -> bool:
    return {"tags", "note"} <= set(changes_of(house, number))


def test_a_stop_finishes_what_is_in_hand(house: ConnectorHouse) -> None:
    """B17: SIGTERM under load exits 0 in time, and the next process does the rest."""
    house.start_process()
    desk = house.zendesk.desk
    house.hook()
    _ready(house)
    house.zendesk.fail("slow", method="PUT", seconds=0.5, times=1000)
    numbers = [desk.add_ticket(f"Stop {n}", TROUBLE) for n in range(12)]
    until(lambda: any(desk.notes(number) for number in numbers))
    began = time.monotonic()
    assert house.end_process(signal.SIGTERM) == 0
    assert time.monotonic() - began < 10
    written = sum(len(desk.notes(number)) for number in numbers)
    time.sleep(1.0)
    assert sum(len(desk.notes(number)) for number in numbers) == written
    house.start_process()
    _once_each(house, numbers, 25)


def test_a_sidecar_that_is_restarted_is_not_noticed_at_zendesk(
    house: ConnectorHouse,
) -> None:
    """The sidecar is killed and started while tickets come in: each once."""
    house.start()
    desk = house.zendesk.desk
    house.hook()
    _ready(house)
    numbers: list[int] = []

    def work() -> None:
        for n in range(20):
            numbers.append(desk.add_ticket(f"Restart {n}", TROUBLE))
            time.sleep(0.15)

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(2):
        time.sleep(0.7)
        house.sidecar.kill()
        house.sidecar.start()
        house.sidecar.wait_until_serving()
    thread.join()
    _once_each(house, numbers, 25)


def test_two_processes_share_the_work(house: ConnectorHouse, tmp_path: Path) -> None:
    """A second receiver and worker on another port double nothing."""
    house.start_process()
    second = ConnectorHouse(house.sidecar)
    second.zendesk.close()
    second.zendesk = house.zendesk
    second.start()
    try:
        desk = house.zendesk.desk
        house.hook()
        second.hook()
        numbers = [desk.add_ticket(f"Shared {n}", TROUBLE) for n in range(15)]
        _once_each(house, numbers, 25)
    finally:
        second.stop()
    assert tmp_path.exists()
