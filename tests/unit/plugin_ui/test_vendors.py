"""The demo's Zendesk and Slack: what outlives a restart, and who may use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from plugin_ui import demo_vendors
from plugin_ui.app import create_app
from plugin_ui.doubles.rooms import Place, VendorRooms
from plugin_ui.doubles.slack import CHANNEL
from plugin_ui.settings import PanelSettings
from tests.servers import free_port


def place() -> Place:
    """Free ports, and a receiver that is not there."""
    return Place(free_port(), free_port(), "secret", f"127.0.0.1:{free_port()}")


def app_in(folder: Path, **more: str) -> Flask:
    """A panel that serves the demo."""
    given = {"DESKSIDE_DEMO": "1", "DESKSIDE_DATA_DIR": str(folder), **more}
    return create_app(PanelSettings.from_environment(given))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    """A visitor of a demo with both vendors."""
    own = place()
    where = f"{own.zendesk_port}:{own.slack_port}:{own.secret}"
    app = app_in(
        tmp_path,
        DESKSIDE_DEMO_VENDORS=where,
        DESKSIDE_CONNECTORS_ADDRESS=own.connectors,
    )
    yield app.test_client()
    demo_vendors.close(app)


def test_what_happened_is_there_after_a_restart(tmp_path: Path) -> None:
    """Tickets and cards are kept, and no number is given out twice."""
    rooms = VendorRooms(place(), tmp_path)
    number = rooms.open_ticket("Down", "All of it.")
    posted = rooms.slack.post({"channel": CHANNEL, "text": "A card", "blocks": []})
    rooms.close()
    again = VendorRooms(place(), tmp_path)
    try:
        assert [ticket["id"] for ticket in again.view()["tickets"]] == [number]
        assert [card["ts"] for card in again.slack.cards()] == [posted["ts"]]
        assert again.open_ticket("Up", "All of it.") > number
        later = again.slack.post({"channel": CHANNEL, "text": "Another", "blocks": []})
        assert later["ts"] != posted["ts"]
        desk = again.zendesk.desk
        assert desk.page_of_changes(0, 10)[0][0] == number
    finally:
        again.close()


def test_a_damaged_file_is_a_new_beginning(tmp_path: Path) -> None:
    """A file that cannot be read does not keep the panel from starting."""
    (tmp_path / "demo-vendors.json").write_text('{"tickets": []}')
    rooms = VendorRooms(place(), tmp_path)
    assert rooms.view() == {"tickets": [], "messages": []}
    rooms.close()


def test_without_the_demo_there_are_no_vendors(tmp_path: Path) -> None:
    """A panel that was not started by `up --demo` plays nobody."""
    visitor = app_in(tmp_path).test_client()
    assert visitor.get("/demo").status_code == 200
    assert visitor.get("/demo/vendors").status_code == 404


def test_only_this_machine_may_use_them(client: FlaskClient) -> None:
    """Others, other names for this machine, and other sites are refused."""
    assert client.get("/demo/vendors").status_code == 200
    for request in (
        {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"X-Forwarded-For": "10.0.0.7"}},
    ):
        for path in ("/demo/vendors", "/demo/vendors/state"):
            assert client.get(path, **request).status_code == 404
    given = {"subject": "a", "body": "b"}
    crossing = {"Origin": "https://evil.example"}
    answer = client.post("/demo/vendors/tickets", json=given, headers=crossing)
    assert answer.status_code == 403


@pytest.mark.parametrize("given", [{}, [], {"subject": "", "body": "b"}])
def test_a_ticket_without_words_is_refused(client: FlaskClient, given: object) -> None:
    """What is not a subject and a body is answered 400, and nothing is opened."""
    assert client.post("/demo/vendors/tickets", json=given).status_code == 400
    assert client.get("/demo/vendors/state").get_json()["tickets"] == []


def test_a_button_that_is_not_there_cannot_be_pressed(client: FlaskClient) -> None:
    """Only an element of a card that was posted reaches the connectors."""
    given = {"ts": "1.1", "action": "esc_ack"}
    assert client.post("/demo/vendors/press", json=given).status_code == 400


def test_connectors_that_are_away_are_said_to_be(tmp_path: Path) -> None:
    """A click that nobody took is answered 0, not taken for done."""
    rooms = VendorRooms(place(), tmp_path)
    button = {"type": "button", "action_id": "esc_ack", "value": "esc_1"}
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    posted = rooms.slack.post({"channel": CHANNEL, "text": "A", "blocks": blocks})
    assert rooms.press(posted["ts"], "esc_ack") == 0
    rooms.close()
