"""What nobody looks after is noticed once, however many processes look."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from sidecar.bootstrap import House, open_house
from sidecar.clock import FixedClock
from sidecar.domain.access import Principal, Role
from sidecar.domain.business_hours import BusinessHours, Interval
from sidecar.domain.classification import Severity
from sidecar.domain.connector import Health, Mode, Report
from sidecar.domain.escalation import EscalationRules, EscalationState
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket, TicketStatus
from sidecar.settings import Settings
from sidecar.usecases.connector_state import report_status
from sidecar.usecases.connector_watch import watch_connectors
from sidecar.usecases.connectors import SaveCommand, save_connector
from sidecar.usecases.escalations import change_escalation
from sidecar.usecases.policies import update_rules
from sidecar.usecases.ports import unsaved
from sidecar.usecases.unattended import climb_alerts, escalate_unattended
from tests.contract.store import children, samples

W = "default"
FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ADMIN = Principal(W, Role.ADMIN, "test", "key_1")
SLACK = {"bot_token": "x", "signing_secret": "y", "team_id": "T", "channel": "C"}


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock(FRIDAY)


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    """A house whose Slack connector works."""
    opened = open_house(Settings(data_dir=tmp_path, embedder="none"), clock)
    command = SaveCommand("slack", Mode.SUGGEST, SLACK, (), "", False)
    save_connector(opened.ports, ADMIN, command, unsaved)
    yield opened
    opened.close()


def critical_ticket(house: House, status: TicketStatus = TicketStatus.OPEN) -> str:
    """Store a critical ticket the customer waits with since now."""
    at = house.ports.clock.now()
    ticket = Ticket(
        uuid.uuid4().hex,
        "zendesk",
        messages=(
            Message("m1", Author(AuthorRole.CUSTOMER), "All is down", sent_at=at),
        ),
        status=status,
        updated_at=at,
    )
    with house.ports.store.transaction() as tx:
        stored = tx.tickets.upsert(W, ticket)
        found = samples.classification(stored.id)
        tx.classifications.add(W, replace(found, severity=Severity.CRITICAL))
    return stored.id


def slack_events(house: House) -> list[str]:
    """Return the types of what waits for Slack, oldest first, and take it."""
    kinds = []
    with house.ports.store.transaction() as tx:
        while leases := tx.deliveries.lease(
            W, "slack", (), 100, timedelta(seconds=30), "t"
        ):
            for lease in leases:
                kinds.append(lease.event.type)
                tx.deliveries.complete(W, lease.delivery_id, lease.token, "{}")
    return kinds


def many(times: int, work: Callable[[], int]) -> int:
    """Do it from many threads at once and return the sum."""
    with ThreadPoolExecutor(times) as pool:
        return sum(pool.map(lambda _: work(), range(times)))


def test_a_critical_ticket_left_alone_is_escalated_once(
    house: House, clock: FixedClock
) -> None:
    """B15: after 24 hours, by any number of watchers, with one alert."""
    ticket = critical_ticket(house)
    critical_ticket(house, TicketStatus.SOLVED)
    clock.advance(timedelta(hours=23, minutes=59))
    assert escalate_unattended(house.ports, W) == 0
    clock.advance(timedelta(minutes=2))
    assert many(8, lambda: escalate_unattended(house.ports, W)) == 1
    assert slack_events(house) == ["escalation.created"]
    with house.ports.store.reading() as tx:
        found = tx.escalations.open_for(W, ticket)
    assert found is not None
    assert found.level == 3
    clock.advance(timedelta(days=3))
    assert escalate_unattended(house.ports, W) == 0


def test_who_takes_over_has_the_whole_time_again(
    house: House, clock: FixedClock
) -> None:
    """An assignment stops the clock of the wait before; it is no answer."""
    taken, left = critical_ticket(house), critical_ticket(house)
    clock.advance(timedelta(hours=20))
    with house.ports.store.transaction() as tx:
        ticket = tx.tickets.get(W, taken)
        assert ticket is not None
        tx.tickets.upsert(W, replace(ticket, assignee="Kim"))
    clock.advance(timedelta(hours=5))
    assert escalate_unattended(house.ports, W) == 1
    with house.ports.store.reading() as tx:
        assert tx.escalations.open_for(W, left)
        assert tx.escalations.open_for(W, taken) is None
    clock.advance(timedelta(hours=20))
    assert escalate_unattended(house.ports, W) == 1


def test_a_ticket_that_a_rule_assigns_at_once_is_watched_as_well(
    house: House, clock: FixedClock
) -> None:
    """Rules of helpdesks assign every ticket: that alone must not end the watch."""
    ticket = critical_ticket(house)
    clock.advance(timedelta(seconds=3))
    with house.ports.store.transaction() as tx:
        stored = tx.tickets.get(W, ticket)
        assert stored is not None
        tx.tickets.upsert(W, replace(stored, assignee="Kim"))
    clock.advance(timedelta(hours=23, minutes=59))
    assert escalate_unattended(house.ports, W) == 0
    clock.advance(timedelta(minutes=2))
    assert escalate_unattended(house.ports, W) == 1


def watch_once(folder: Path, at: datetime, out: Connection) -> None:
    """Be a process of its own that looks once, when the gate opens."""
    opened = open_house(Settings(data_dir=folder, embedder="none"), FixedClock(at))
    out.send("ready")
    while not (folder / "gate").exists():
        time.sleep(0.001)
    out.send(escalate_unattended(opened.ports, W))
    opened.close()


def test_two_processes_that_look_at_once_alert_once(
    house: House, clock: FixedClock, tmp_path: Path
) -> None:
    """B15: ten tickets, two processes from the same moment: each escalated once."""
    tickets = {critical_ticket(house) for _ in range(10)}
    clock.advance(timedelta(hours=25))
    given = (watch_once, tmp_path, clock.now())
    watchers = [children.start(*given) for _ in range(2)]
    for _, end in watchers:
        assert end.poll(30)
        assert end.recv() == "ready"
    (tmp_path / "gate").touch()
    done = [children.received(end) for _, end in watchers]
    for child, _ in watchers:
        child.join(20)
        assert child.exitcode == 0
    assert sum(number for (number,) in done) == len(tickets)
    assert slack_events(house) == ["escalation.created"] * len(tickets)


def test_the_weekend_does_not_count(house: House, clock: FixedClock) -> None:
    """Business hours, holidays and the time zone decide how long somebody waited."""
    hours = BusinessHours(
        "Europe/Berlin",
        tuple(Interval(day, 9 * 60, 17 * 60) for day in range(1, 6)),
        ("2026-11-23",),
    )
    rules = EscalationRules(hours=hours, unattended_after=2 * 3600)
    update_rules(house.ports, ADMIN, rules, unsaved)
    critical_ticket(house)  # Friday 16:00 in Berlin: one hour is left
    clock.advance(timedelta(days=3, hours=5))  # Monday evening, a holiday
    assert escalate_unattended(house.ports, W) == 0
    clock.advance(timedelta(hours=12, minutes=30))  # Tuesday 9:30
    assert escalate_unattended(house.ports, W) == 0
    clock.advance(timedelta(minutes=31))
    assert escalate_unattended(house.ports, W) == 1


def test_an_alert_climbs_until_somebody_reacts(house: House, clock: FixedClock) -> None:
    """B15: each step once, the level rises, and nothing follows the acknowledgement."""
    ticket = critical_ticket(house)
    with house.ports.store.transaction() as tx:
        wanted = samples.escalation(ticket)
        item, _ = tx.escalations.open(W, replace(wanted, level=1, created_at=FRIDAY))
    steps = []
    for _ in range(4):
        clock.advance(timedelta(minutes=16))
        steps.append(many(6, lambda: climb_alerts(house.ports, W)))
    assert steps == [1, 0, 1, 0]
    assert slack_events(house) == ["escalation.reminder_due"] * 2
    with house.ports.store.reading() as tx:
        now = tx.escalations.get(W, item.id)
    assert now is not None
    assert now.level == 3
    state = EscalationState.ACKNOWLEDGED
    change_escalation(house.ports, ADMIN, now.id, now.etag, state, None, "", unsaved)
    clock.advance(timedelta(hours=9))
    assert climb_alerts(house.ports, W) == 0


def test_a_connector_that_stops_is_told_once_and_its_return_too(
    house: House, clock: FixedClock
) -> None:
    """B15: silence for minutes makes one alert, however many processes watch."""
    zendesk = {"subdomain": "acme", "email": "bot@acme.example", "api_token": "t"}
    command = SaveCommand("zendesk", Mode.SUGGEST, zendesk, (), "", False)
    save_connector(house.ports, ADMIN, command, unsaved)

    def report(health: Health | None) -> None:
        for name, said in (("slack", Health.OK), ("zendesk", health)):
            if said is not None:
                own = Report(name, said, "Token revoked.", clock.now())
                report_status(house.ports, ADMIN, own)

    def watch() -> int:
        return many(6, lambda: watch_connectors(house.ports))

    report(Health.OK)
    assert watch() == 0
    clock.advance(timedelta(minutes=2, seconds=1))
    report(None)
    assert watch() == 0  # noticed, not told: it may be a restart
    clock.advance(timedelta(minutes=3))
    report(None)
    assert watch() == 1
    assert watch() == 0
    assert slack_events(house) == ["connector.failing"]
    report(Health.OK)
    assert watch() >= 1
    assert slack_events(house) == ["connector.recovered"]
    report(Health.FAILING)
    clock.advance(timedelta(minutes=1))
    report(Health.FAILING)
    assert watch() == 0
    clock.advance(timedelta(minutes=1, seconds=1))
    report(Health.FAILING)
    assert watch() == 1
    assert slack_events(house) == ["connector.failing"]
