"""What nobody looks after reaches Slack once: two sidecars watch, one card each."""

from __future__ import annotations

import copy
import sqlite3
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.client import SidecarClient
from sidecar.v1 import (
    assist_pb2,
    classification_pb2,
    connector_pb2,
    policy_pb2,
    rules_pb2,
    ticket_pb2,
)
from tests.flow.connector_house import until
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess
from tests.flow.slack_house import switch_on

ANA = "U061F7AUR"
SETTINGS = {"DESKSIDE_ALLOW_TEST_HOSTS": "1", "DESKSIDE_EMBEDDER": "none"}
TROUBLE = (
    "Production is down for all users since noon, every page says error 503."
    " We lose money every minute and data is being lost."
)
# The keeper looks every ten seconds; a process that is slow today has three looks.
LOOKS_SECONDS = 45.0
CUSTOMER, AGENT = ticket_pb2.AUTHOR_ROLE_CUSTOMER, ticket_pb2.AUTHOR_ROLE_AGENT


@dataclass(slots=True)
class House:
    """Two sidecars over one database, connectors, and a double of Slack."""

    data: Path
    slack: SlackDouble
    client: SidecarClient
    connectors: ConnectorsProcess

    def rules(self, rules: rules_pb2.EscalationRules) -> None:
        """Let an administrator change when alerts come."""
        get = policy_pb2.GetEscalationRulesRequest()
        rules.etag = self.client.policies.GetEscalationRules(get).rules.etag
        # Only one word escalates at once: what else comes was noticed by the watch.
        rules.rules.add(enabled=True, keywords=["zzqq"])
        request = policy_pb2.UpdateEscalationRulesRequest(rules=rules)
        self.client.policies.UpdateEscalationRules(request)

    def ticket(
        self, name: str, *turns: tuple[ticket_pb2.AuthorRole.ValueType, datetime]
    ) -> None:
        """Let a critical ticket be known whose turns were at these moments."""
        ticket = ticket_pb2.Ticket(
            connector="api", external_id=name, subject=f"Down: {name}"
        )
        for number, (role, at) in enumerate(turns):
            message = ticket.messages.add(
                external_id=str(number),
                author=ticket_pb2.Author(role=role),
                body=TROUBLE if role == CUSTOMER else "We are on it.",
            )
            message.sent_at.FromDatetime(at)
        request = assist_pb2.ClassifyRequest(ticket=ticket)
        found = self.client.assist.Classify(request).classification
        assert found.severity == classification_pb2.SEVERITY_CRITICAL, found

    def cards(self, words: str) -> list[dict[str, Any]]:
        """Return the messages in the channel that say something."""
        return [copy.deepcopy(c) for c in self.slack.cards() if words in str(c)]

    def age(self, own_id: str, minutes: int) -> None:
        """Let an alert have been raised some minutes ago: a real clock cannot move."""
        then = datetime.now(UTC) - timedelta(minutes=minutes)
        with sqlite3.connect(self.data / "deskside.db", timeout=20) as connection:
            connection.execute(
                "update escalations set created_at = ? where id = ?",
                (then.strftime("%Y-%m-%d %H:%M:%S.%f"), own_id),
            )

    def in_trouble_since(self, minutes: int) -> bool:
        """Let what is in trouble be so for some minutes; False when nothing is."""
        then = datetime.now(UTC) - timedelta(minutes=minutes)
        with sqlite3.connect(self.data / "deskside.db", timeout=20) as connection:
            done = connection.execute(
                "update connector_reports set trouble_since = ?"
                " where connector = 'zendesk' and trouble_since is not null",
                (then.strftime("%Y-%m-%d %H:%M:%S.%f"),),
            )
        return done.rowcount == 1

    def noticed(self) -> list[str]:
        """Return the names under which the watch noticed something."""
        database = f"file:{self.data / 'deskside.db'}?mode=ro"
        with sqlite3.connect(database, uri=True) as connection:
            rows = connection.execute(
                "select cast(source_event_id as text) as name from events"
                " where name like 'unattended:%' or name like 'reminder:%'"
                " order by name"
            ).fetchall()
        return [str(row[0]) for row in rows]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everything running; Ana is a member of the team."""
    folder = tmp_path_factory.mktemp("alerts")
    double = SlackDouble()
    double.add_user(ANA, "ana@acme.example")
    first, second = (SidecarProcess(folder / "data", **SETTINGS) for _ in range(2))
    first.start()
    connectors = ConnectorsProcess(folder / "data", first.address, "slack")
    try:
        first.wait_until_serving()
        second.start()
        second.wait_until_serving()
        with first.client() as client:
            switch_on(client, double.settings, "ana@acme.example")
            connectors.start()
            yield House(folder / "data", double, client, connectors)
            assert connectors.stop() == 0, connectors.said()
    finally:
        first.stop()
        second.stop()
        double.close()


@pytest.mark.timeout(120)
def test_a_critical_ticket_without_an_answer_alerts_once(house: House) -> None:
    """24 h of the workspace's own hours and holidays, two processes: one card."""
    now = datetime.now(UTC)
    days = [(now - timedelta(days=n)).date().isoformat() for n in (1, 2)]
    # Eight hours each day of the week, but two days off: six days ago is more than
    # 24 hours of work, four days ago is not.
    hours = rules_pb2.BusinessHours(
        time_zone="UTC",
        intervals=[
            rules_pb2.BusinessInterval(weekday=n, start_minute=0, end_minute=480)
            for n in range(1, 8)
        ],
        holidays=days,
    )
    house.rules(rules_pb2.EscalationRules(business_hours=[hours]))
    six, four = now - timedelta(days=6), now - timedelta(days=4)
    house.ticket("unanswered", (CUSTOMER, six))
    house.ticket("answered", (CUSTOMER, six), (AGENT, six + timedelta(hours=1)))
    house.ticket("too-early", (CUSTOMER, four))
    until(lambda: house.cards("Down: unanswered"), LOOKS_SECONDS, what="the card")
    (card,) = house.cards("Down: unanswered")
    assert "level 3" in str(card["blocks"])
    assert "24 hours" in str(card["blocks"])
    time.sleep(12)  # both processes look once more
    assert len(house.cards("Down: unanswered")) == 1
    assert house.cards("Down: answered") == house.cards("Down: too-early") == []
    assert len([n for n in house.noticed() if n.startswith("unattended:")]) == 1


def test_shadow_and_a_pause_post_nothing(house: House) -> None:
    """In shadow a card is never posted; what came in a pause is posted after it."""
    _mode(house, "SHADOW")
    _escalate(house, "In the shadow")
    until(lambda: _waiting(house) == 0, what="an empty queue")
    _mode(house, "SUGGEST")
    _paused(house, on=True)
    try:
        _escalate(house, "In the pause")
        time.sleep(2)
        assert house.cards("In the pause") == []
        assert _waiting(house) == 1
    finally:
        _paused(house, on=False)
    until(lambda: house.cards("In the pause"), LOOKS_SECONDS, what="the card")
    until(lambda: _waiting(house) == 0, what="an empty queue")
    assert len(house.cards("In the pause")) == 1
    assert house.cards("In the shadow") == []


def _escalate(house: House, subject: str) -> None:
    ticket = ticket_pb2.Ticket(
        connector="api", external_id=uuid.uuid4().hex[:12], subject=subject
    )
    request = assist_pb2.EscalateRequest(ticket=ticket, level=1, reason="Down for all")
    house.client.assist.Escalate(request)


def _mode(house: House, mode: str) -> None:
    """Change the mode and wait until the process surely knows."""
    request = connector_pb2.SaveConnectorRequest(
        connector="slack",
        mode=connector_pb2.ConnectorMode.Value(f"CONNECTOR_MODE_{mode}"),
    )
    house.client.connectors.SaveConnector(request)
    time.sleep(2.5)


def _paused(house: House, *, on: bool) -> None:
    request = policy_pb2.UpdateFeatureFlagsRequest(flags={"writing_paused": on})
    house.client.policies.UpdateFeatureFlags(request)
    time.sleep(0.5)


def _waiting(house: House) -> int:
    request = connector_pb2.GetConnectorStatusRequest(connector="slack")
    found = house.client.connectors.GetConnectorStatus(request).status
    return int(found.pending_count)


@pytest.mark.timeout(150)
def test_a_connector_that_stops_is_told_of_once(house: House) -> None:
    """Zendesk is set up and nobody runs it: one message, though two processes look."""
    settings = {"subdomain": "acme", "email": "bot@acme.example", "api_token": "t"}
    request = connector_pb2.SaveConnectorRequest(
        connector="zendesk",
        mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
        settings=settings,
    )
    house.client.connectors.SaveConnector(request)
    until(lambda: house.in_trouble_since(minutes=3), LOOKS_SECONDS, what="a look")
    words = "The connector *zendesk* fails"
    until(lambda: house.cards(words), LOOKS_SECONDS, what="the message")
    time.sleep(12)  # both processes look once more
    assert len(house.cards(words)) == 1
    request.mode = connector_pb2.CONNECTOR_MODE_OFF
    house.client.connectors.SaveConnector(request)


@pytest.mark.timeout(150)
def test_an_alert_is_repeated_until_somebody_reacts(house: House) -> None:
    """Each step reminds once and draws the card anew; after a press it is quiet."""
    levels = [
        rules_pb2.EscalationLevel(level=n, climb_after=Duration(seconds=minutes * 60))
        for n, minutes in enumerate((10, 20, 30), 1)
    ]
    house.rules(rules_pb2.EscalationRules(levels=levels))
    ticket = ticket_pb2.Ticket(
        connector="api", external_id=uuid.uuid4().hex[:12], subject="Ladder"
    )
    request = assist_pb2.EscalateRequest(ticket=ticket, level=1, reason="Down for all")
    raised = house.client.assist.Escalate(request).escalation
    reminders = "Nobody has acknowledged this yet"

    def reminded() -> int:
        return len([c for c in house.cards("Ladder") if reminders in str(c)])

    own_id = str(raised.escalation_id)
    (first,) = until(lambda: house.cards(own_id), what="the card")
    for minutes, level in ((11, 2), (31, 3)):
        house.age(own_id, minutes)
        until(lambda: reminded() == level - 1, LOOKS_SECONDS, what="a reminder")  # noqa: B023 - called at once
        (card,) = house.cards(own_id)
        assert card["ts"] == first["ts"]
        assert f"level {level}" in str(card["blocks"])
    _acknowledge(house, card)
    until(lambda: "Ana Agent" in str(house.cards(own_id)), what="a press")
    house.age(own_id, 90)
    time.sleep(12)  # both processes look once more
    assert reminded() == 2
    assert len(house.cards(own_id)) == 1
    assert [n for n in house.noticed() if own_id in n] == [
        f"reminder:{own_id}:1",
        f"reminder:{own_id}:2",
    ]


def _acknowledge(house: House, card: dict[str, Any]) -> None:
    body = slack.pressed_body(ANA, card, "esc_ack")
    headers = slack.signed_headers(slack.SIGNING_SECRET, body, time.time())
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    path = "/hooks/default/slack/interactivity"
    assert house.connectors.ask("POST", path, body, headers)[0] == 200
