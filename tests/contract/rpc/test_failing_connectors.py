"""A connector that fails is seen by the administrator, also when it is Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sidecar.bootstrap import House, open_house
from sidecar.clock import FixedClock
from sidecar.domain.access import Principal, Role
from sidecar.domain.connector import Health, Mode, Report
from sidecar.domain.event import Event
from sidecar.settings import Settings
from sidecar.usecases.connector_state import connector_status, report_status
from sidecar.usecases.connector_watch import watch_connectors
from sidecar.usecases.connectors import SaveCommand, save_connector
from sidecar.usecases.events import publish_event
from sidecar.usecases.flags import WRITING_PAUSED, update_flags
from sidecar.usecases.ports import unsaved
from sidecar.usecases.status import get_status

W = "default"
ADMIN = Principal(W, Role.ADMIN, "test", "key_1")
SETTINGS = {
    "slack": {"bot_token": "x", "signing_secret": "y", "team_id": "T", "channel": "C"},
    "zendesk": {"subdomain": "acme", "email": "bot@acme.example", "api_token": "t"},
}
SAID = "The channel is archived; choose another one."


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    """A house in which Slack and Zendesk are set up."""
    opened = open_house(Settings(data_dir=tmp_path, embedder="none"), clock)
    for name, settings in SETTINGS.items():
        command = SaveCommand(name, Mode.SUGGEST, settings, (), "", False)
        save_connector(opened.ports, ADMIN, command, unsaved)
    yield opened
    opened.close()


def report(house: House, **said: Health) -> None:
    """Let connectors say how they are."""
    for name, health in said.items():
        own = Report(name, health, SAID, house.ports.clock.now())
        report_status(house.ports, ADMIN, own)


def look_twice(house: House, clock: FixedClock, **said: Health) -> int:
    """Let the watch notice, and look again later than a restart lasts."""
    report(house, **said)
    told = watch_connectors(house.ports)
    clock.advance(timedelta(minutes=2, seconds=1))
    report(house, **said)
    return told + watch_connectors(house.ports)


def written(house: House) -> list[tuple[str, str, str]]:
    """Return what the audit log says of failing connectors, oldest first."""
    with house.ports.store.reading() as tx:
        entries = tx.access.audit(W, 200, "").items
    return [
        (entry.action, entry.target, entry.details)
        for entry in reversed(entries)
        if entry.actor == "watch"
    ]


def waiting(house: House, name: str) -> list[str]:
    """Return the types of what waits for a connector, and take it."""
    with house.ports.store.transaction() as tx:
        found = tx.deliveries.lease(W, name, (), 100, timedelta(seconds=30), "t")
        for lease in found:
            tx.deliveries.complete(W, lease.delivery_id, lease.token, "{}")
    return [lease.event.type for lease in found]


def test_slack_that_fails_is_written_down_once(house: House, clock: FixedClock) -> None:
    """The audit log and the status say it; Slack is not asked to tell of itself."""
    well = {"zendesk": Health.OK}
    assert look_twice(house, clock, slack=Health.FAILING, **well) == 1
    assert look_twice(house, clock, slack=Health.FAILING, **well) == 0
    assert written(house) == [("connector.failing", "slack", "health=failing")]
    assert waiting(house, "slack") == []
    of_slack, of_zendesk = get_status(house.ports, ADMIN).connectors
    assert (of_slack.health, of_slack.message) == (Health.FAILING, SAID)
    assert of_zendesk.health is Health.OK
    assert look_twice(house, clock, slack=Health.OK, **well) == 1
    assert written(house)[1:] == [("connector.recovered", "slack", "health=ok")]
    assert waiting(house, "slack") == ["connector.recovered"]


def test_another_connector_that_fails_is_told_by_slack(
    house: House, clock: FixedClock
) -> None:
    """Zendesk's failure is both written down and a message in Slack."""
    look_twice(house, clock, slack=Health.OK, zendesk=Health.FAILING)
    assert written(house) == [("connector.failing", "zendesk", "health=failing")]
    assert waiting(house, "slack") == ["connector.failing"]


def test_a_connector_that_lags_alerts_though_it_says_it_works(
    house: House, clock: FixedClock
) -> None:
    """B14: an event that waits longer than ten minutes is trouble; done, it is over."""
    well = {"slack": Health.OK, "zendesk": Health.OK}
    event = Event("zendesk.ticket.updated", "zendesk", "e1", "{}", ticket_key="z:1")
    publish_event(house.ports, ADMIN, event)
    clock.advance(timedelta(minutes=7))
    assert look_twice(house, clock, **well) == 0
    assert connector_status(house.ports, ADMIN, "zendesk").health is Health.OK
    clock.advance(timedelta(minutes=1))
    assert look_twice(house, clock, **well) == 1
    found = connector_status(house.ports, ADMIN, "zendesk")
    assert (found.health, found.lag) == (
        Health.DEGRADED,
        timedelta(minutes=12, seconds=2),
    )
    assert "lags" in found.message
    assert waiting(house, "slack") == ["connector.failing"]
    assert waiting(house, "zendesk") == ["zendesk.ticket.updated"]
    assert look_twice(house, clock, **well) == 1
    assert [row[:2] for row in written(house)] == [
        ("connector.failing", "zendesk"),
        ("connector.recovered", "zendesk"),
    ]
    assert written(house)[0][2] == "health=degraded lag=722s"


def test_what_waits_in_a_pause_is_no_trouble(house: House, clock: FixedClock) -> None:
    """Events wait because an administrator wants it; a connector that fails alerts."""
    event = Event("zendesk.ticket.updated", "zendesk", "e1", "{}", ticket_key="z:1")
    publish_event(house.ports, ADMIN, event)
    update_flags(house.ports, ADMIN, {WRITING_PAUSED: True}, "", unsaved)
    clock.advance(timedelta(hours=1))
    assert look_twice(house, clock, slack=Health.OK, zendesk=Health.OK) == 0
    assert look_twice(house, clock, slack=Health.OK, zendesk=Health.FAILING) == 1
