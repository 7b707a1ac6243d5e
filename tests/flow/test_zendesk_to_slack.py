"""One ticket through everything: Zendesk, sidecar, Slack and back, each effect once."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.v1 import access_pb2, connector_pb2
from tests.flow.connector_house import ConnectorHouse, sidecar_in, until

ANA = "U061F7AUR"
TROUBLE = (
    "Production is down for all users since noon, every page says error 503."
    " We lose money every minute. I am furious and we will cancel today!"
)


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    """Slack, with one agent in it."""
    running = SlackDouble()
    running.add_user(ANA, "ana@acme.example")
    yield running
    running.close()


@pytest.fixture
def house(tmp_path: Path, double: SlackDouble) -> Iterator[ConnectorHouse]:
    """A sidecar and a connectors process, both vendors set up."""
    sidecar = sidecar_in(tmp_path)
    house = ConnectorHouse(sidecar, names=("zendesk", "slack"))
    try:
        house.set_up()
        with house.client() as client:
            client.connectors.SaveConnector(
                connector_pb2.SaveConnectorRequest(
                    connector="slack",
                    mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
                    settings=double.settings,
                )
            )
            ana = access_pb2.Member(
                email="ana@acme.example", name="Ana", role=access_pb2.ROLE_AGENT
            )
            client.access.CreateMember(access_pb2.CreateMemberRequest(member=ana))
        house.start_process()
        until(lambda: _status(house, "GET", "/readyz") == 200, what="a receiver")
        yield house
        assert house.end_process() == 0
    finally:
        house.close()
        sidecar.stop()


def test_a_ticket_travels_from_zendesk_to_slack_and_back(
    house: ConnectorHouse, double: SlackDouble
) -> None:
    """Webhook, note, escalation, card, acknowledgement, note: each exactly once."""
    hook = house.hook()
    number = house.zendesk.desk.add_ticket("Everything is down", TROUBLE)
    (note,) = house.note(number)
    assert "Escalated" in note
    (card,) = until(double.cards, what="a card")
    assert "Everything is down" in str(card["blocks"])
    _press(house, card)
    notes = house.note(number, 2)
    assert "acknowledged" in notes[1]
    until(lambda: "Acknowledged" in str(double.cards()[0]["blocks"]))
    _quiet(house)
    assert all(delivery.accepted for delivery in hook.deliveries)
    assert house.zendesk.desk.notes(number) == notes
    assert len(house.zendesk.writes()) == 2
    methods = Counter(call.method for call in double.ledger)
    assert methods["chat.postMessage"] == 1
    assert len(double.cards()) == 1
    assert house.dead() == []


def _press(house: ConnectorHouse, card: dict[str, object]) -> None:
    body = slack.pressed_body(ANA, card, "esc_ack")
    headers = slack.signed_headers(slack.SIGNING_SECRET, body, time.time())
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    path = "/hooks/default/slack/interactivity"
    for _ in range(2):  # a double click, or Slack trying again
        assert _status(house, "POST", path, body, headers) == 200


def _status(
    house: ConnectorHouse,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> int:
    """Return how the receiver answers, 0 while it does not listen."""
    connection = http.client.HTTPConnection(house.address, timeout=10)
    try:
        connection.request(method, path, body, dict(headers or {}))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _quiet(house: ConnectorHouse) -> None:
    """Wait until nothing has waited for longer than a poll takes."""
    calm = 0
    end = time.monotonic() + 25
    while calm < 5 and time.monotonic() < end:
        calm = calm + 1 if house.waiting() == 0 else 0
        time.sleep(0.4)
    assert calm == 5
