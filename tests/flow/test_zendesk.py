"""Zendesk from webhook to note, through a real sidecar: each effect once."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.events import Health
from plugin_ui.doubles.zendesk import AGENT
from sidecar.v1 import (
    classification_pb2,
    connector_pb2,
    event_pb2,
    policy_pb2,
    ticket_pb2,
)
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.flow.connector_house import (
    ConnectorHouse,
    changes_of,
    settled,
    sidecar_in,
    until,
    zendesk_in,
)
from tests.flow.sidecar_process import SidecarProcess

SAMPLES = Path(__file__).resolve().parents[1] / "data/payloads/zendesk"
TROUBLE = (
    "Since this morning I cannot log in, the page says error 503."
    " We lose sales every minute."
)


KEYWORD = classification_pb2.REASON_CODE_KEYWORD


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """One sidecar for this file."""
    running = sidecar_in(tmp_path_factory.mktemp("zendesk"))
    yield running
    running.stop()


@pytest.fixture
def house(sidecar: SidecarProcess) -> Iterator[ConnectorHouse]:
    """Zendesk in mode suggest, connectors running, a new double for each test."""
    with zendesk_in(sidecar) as house:
        yield house


def test_a_ticket_gets_one_note_whoever_tells_of_it(house: ConnectorHouse) -> None:
    """Event webhook, trigger webhook and poll tell of a ticket: one note, one PUT."""
    hooks = [house.hook(), house.hook(trigger=True)]
    number = house.zendesk.desk.add_ticket("Cannot log in - error 503", TROUBLE)
    (note,) = house.note(number)
    for hook in hooks:
        hook.wait()
        assert all(delivery.accepted for delivery in hook.deliveries)
    settled(house)
    assert house.zendesk.desk.notes(number) == [note]
    assert len(house.zendesk.writes()) == 1
    panel = house.panel(number)
    assert f"priority {panel.classification.priority} of 10" in note
    assert panel.ticket.subject == "Cannot log in - error 503"
    assert "deskside" in house.zendesk.desk.tickets[number]["tags"]


def test_our_own_note_starts_nothing(house: ConnectorHouse) -> None:
    """The events of our own write come back and lead to no second write."""
    hook = house.hook()
    number = house.zendesk.desk.add_ticket("Refund please", TROUBLE)
    house.note(number)
    until(lambda: any(d.kind == "ticket.comment_added" for d in hook.deliveries))
    settled(house)
    assert len(house.zendesk.writes()) == 1


def test_each_customer_reply_is_answered_once(house: ConnectorHouse) -> None:
    """A second message of the customer gets a second note, an agent's reply none."""
    house.hook()
    desk = house.zendesk.desk
    number = desk.add_ticket("Cannot log in", TROUBLE)
    house.note(number)
    desk.add_comment(number, "We are looking into it.", AGENT)
    settled(house)
    assert len(desk.notes(number)) == 1
    desk.add_comment(number, "Still broken. If this is not fixed today we cancel.")
    assert len(house.note(number, 2)) == 2
    settled(house)
    assert len(desk.notes(number)) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut", "method": "PUT"},
        {"kind": "cut", "method": "PUT", "times": 3},
        {"kind": "status", "status": 409, "method": "PUT"},
        {"kind": "status", "status": 429, "retry_after": "1", "times": 3},
        {"kind": "html", "status": 503, "times": 2},
        {"kind": "slow", "seconds": 2.0, "method": "PUT"},
    ],
    ids=lambda fault: (
        f"{fault['kind']}-{fault.get('status', '')}-{fault.get('times', 1)}"
    ),
)
def test_one_note_whatever_goes_wrong(
    house: ConnectorHouse, fault: dict[str, object]
) -> None:
    """Cut after the write, conflict, limit, outage, slowness: one note in the end."""
    house.hook()
    house.zendesk.fail(**fault)  # type: ignore[arg-type]  # by name
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    house.note(number)
    settled(house)
    assert len(house.zendesk.desk.notes(number)) == 1
    assert house.dead() == []


def test_somebody_who_writes_meanwhile_is_not_overwritten(
    house: ConnectorHouse,
) -> None:
    """A customer's word between reading and writing leads to a note on all of it."""
    desk = house.zendesk.desk
    house.zendesk.fail("slow", seconds=1.5, method="PUT")
    number = desk.add_ticket("Cannot log in", TROUBLE)
    house.hook()
    until(lambda: house.zendesk.ledger and house.panel_or_none(number))
    desk.add_comment(number, "It also deletes our data!")
    house.note(number)
    settled(house)
    last = desk.notes(number)[-1]
    assert len(desk.notes(number)) <= 2
    assert last


def test_shadow_touches_nothing_and_records_what_it_would_do(
    house: ConnectorHouse,
) -> None:
    """In mode shadow everything is decided and nothing is written."""
    house.switch("shadow")
    house.hook()
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    until(lambda: _is_classified(house, number), what="the classification")
    settled(house)
    assert house.zendesk.writes() == []
    assert changes_of(house, number) == {}


def test_off_does_nothing_at_all(house: ConnectorHouse) -> None:
    """In mode off nothing is read, stored or written; webhooks are answered."""
    house.set_up("off")
    time.sleep(2.2)
    # A look that began before may still be going on where the machine is busy.
    until(lambda: _polled(house) or not house.zendesk.ledger, what="its end")
    time.sleep(0.3)
    calls = len(house.zendesk.ledger)
    hook = house.hook()
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    hook.wait()
    assert hook.deliveries[0].accepted
    time.sleep(1)
    assert len(house.zendesk.ledger) == calls
    assert house.panel_or_none(number) is None


def test_paused_writing_is_done_when_the_pause_ends(house: ConnectorHouse) -> None:
    """One switch stops every write at once; what waited is written afterwards."""
    _switch(house, paused=True)
    try:
        house.hook()
        number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
        until(lambda: _is_classified(house, number), what="the classification")
        time.sleep(1)
        assert house.zendesk.writes() == []
        assert house.dead() == []
    finally:
        _switch(house, paused=False)
    house.note(number)
    settled(house)
    assert len(house.zendesk.desk.notes(number)) == 1


def _is_classified(house: ConnectorHouse, number: int) -> bool:
    found = house.panel_or_none(number)
    return found is not None and found.HasField("classification")


def _switch(house: ConnectorHouse, *, paused: bool) -> None:
    with house.client() as client:
        request = policy_pb2.UpdateFeatureFlagsRequest(flags={"writing_paused": paused})
        client.policies.UpdateFeatureFlags(request)


def test_a_body_nobody_can_read_lies_among_the_dead_letters(
    house: ConnectorHouse,
) -> None:
    """A signed but broken body is 400, and an administrator finds it raw."""
    hook = house.hook()
    status, _, _ = hook.post(b'{"ticket_id":"5158","comment":"He said "stop"\nnow"}')
    assert status == 400
    (letter,) = until(house.dead)
    assert letter.event.type == "zendesk.hook.unreadable"
    assert letter.error_reason == "HOOK_UNREADABLE"
    assert b"raw_base64" in letter.event.payload_json
    _discard(house)


def test_the_samples_are_handled_as_their_index_says(sidecar: SidecarProcess) -> None:
    """Each sample is posted as it is, at its own moment, for the ticket it is about.

    Nothing but the samples tells of a change here: the poll looks once, at the start.
    """
    with zendesk_in(sidecar, poll_seconds=3600) as house:
        then = datetime(2026, 2, 3, 10, 15, 31, tzinfo=UTC)
        house.clock.by = then - datetime.now(UTC)
        desk = house.zendesk.desk
        until(lambda: _polled(house), what="the first look")
        desk.add_ticket("Cannot log in - error 503", TROUBLE, number=5158)
        assert _post(house, "event_ticket_created") == 200
        house.note(5158)
        first = house.panel(5158)
        for name in ("event_duplicate_delivery", "event_ticket_created_real_format"):
            assert _post(house, name) == 200
        _customer_replies(house, first)
        assert _post(house, "event_comment_added_agent_private") == 200
        _priority_and_agent_change(house)
        assert _post(house, "event_unknown_type") == 200
        assert _post(house, "trigger_custom_json") == 200
        assert _post(house, "trigger_broken_json") == 400
        letters = until(house.dead)
        assert [letter.error_reason for letter in letters] == ["HOOK_UNREADABLE"]
        desk.add_comment(5158, "The login service runs again since 11:40.", AGENT)
        desk.change(5158, status="solved")
        assert _post(house, "event_status_changed") == 200
        until(lambda: _kept(house, "resolution"), what="the summary")
        solved = house.panel(5158).ticket
        assert solved.status == ticket_pb2.TICKET_STATUS_SOLVED
        assert "runs again since 11:40" in _kept(house, "resolution")
        settled(house)
        assert len(desk.notes(5158)) == 2
        assert len(house.dead()) == 1
        assert _polls(house) == 1
        _discard(house)


def _customer_replies(
    house: ConnectorHouse, first: tickets_pb2.GetTicketPanelResponse
) -> None:
    """Re-classify, new draft, escalation check."""
    words = "Still broken. If this is not fixed today our lawyer calls you."
    house.zendesk.desk.add_comment(5158, words)
    assert _post(house, "event_comment_added_customer") == 200
    house.note(5158, 2)
    found = house.panel(5158)
    for name in ("classification", "draft"):
        assert getattr(found, name) != getattr(first, name)
    assert not found.classification_outdated
    assert KEYWORD in {reason.code for reason in found.escalation.reasons}


def _priority_and_agent_change(house: ConnectorHouse) -> None:
    """Escalation check, and somebody who is in charge."""
    desk = house.zendesk.desk
    desk.change(5158, priority="urgent")
    assert _post(house, "event_priority_changed") == 200
    said = "Priority “urgent” in the helpdesk reaches the limit of 8."
    until(
        lambda: said in {r.text for r in house.panel(5158).escalation.reasons},
        what="the escalation check",
    )
    assert not _kept(house, "assigned_at")
    desk.change(5158, assignee_id=AGENT)
    assert _post(house, "event_agent_assignment_changed") == 200
    # From then on the unattended watch counts: the wait before it is over.
    until(lambda: _kept(house, "assigned_at"), what="when somebody took over")
    assert house.panel(5158).ticket.assignee


def _kept(house: ConnectorHouse, column: str) -> str:
    """Return what the store keeps of the samples' ticket beside what it answers."""
    database = house.sidecar.data_dir / "deskside.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        (row,) = connection.execute(
            f"select {column} from tickets where external_id = '5158'"
        )
    return str(row[0] or "")


def _post(house: ConnectorHouse, name: str) -> int:
    """Post a sample and return the status of the answer."""
    sample = json.loads((SAMPLES / f"{name}.json").read_text())
    request = urllib.request.Request(
        f"http://{house.address}/hooks/default/zendesk",
        sample["body_raw"].encode(),
        sample["headers"],
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _polls(house: ConnectorHouse) -> int:
    return sum("/incremental/" in call.path for call in house.zendesk.ledger)


def _polled(house: ConnectorHouse) -> bool:
    # Macros are what a look asks for last.
    return any("/macros/" in call.path for call in house.zendesk.ledger)


def _discard(house: ConnectorHouse) -> None:
    ids = event_pb2.DeadLetterIds(delivery_ids=[d.delivery_id for d in house.dead()])
    with house.client() as client:
        request = event_pb2.DiscardDeadLettersRequest(ids=ids)
        client.events.DiscardDeadLetters(request)


def test_a_new_secret_works_at_once(house: ConnectorHouse) -> None:
    """A13: what the new secret signed is accepted as soon as it is saved."""
    hook = house.hook()
    body = b'{"ticket_id":"404404"}'
    assert hook.post(body)[0] == 200
    old, hook.secret = hook.secret, "the-new-secret"
    assert hook.post(body)[0] == 401
    time.sleep(0.6)
    house.set_up(webhook_secret=f"the-new-secret {old}")
    assert hook.post(body)[0] == 200
    hook.secret = old
    assert hook.post(body)[0] == 200
    house.set_up(webhook_secret="the-new-secret")
    until(lambda: hook.post(body)[0] == 401, 4, what="the end of the old one")


def test_how_it_is_doing_is_reported(house: ConnectorHouse) -> None:
    """The status tells health, latest event, and what is wrong with the credentials."""
    house.hook()
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    house.note(number)
    assert house.running is not None
    for lane in house.running._lanes.values():
        lane._report()
    request = connector_pb2.GetConnectorStatusRequest(connector="zendesk")
    with house.client() as client:
        found = client.connectors.GetConnectorStatus(request).status
        assert found.health == connector_pb2.CONNECTOR_HEALTH_OK, found
        assert found.credentials_valid
        assert found.rate_limit_remaining == 699
        assert found.HasField("last_event_at")
        house.zendesk.token = "expired"
        until(lambda: not _health(house).credentials_valid)
        for lane in house.running._lanes.values():
            lane._report()
        found = client.connectors.GetConnectorStatus(request).status
    assert found.health == connector_pb2.CONNECTOR_HEALTH_FAILING
    assert "token" in found.message


def _health(house: ConnectorHouse) -> Health:
    assert house.running is not None
    (lane,) = house.running._lanes.values()
    assert lane._session is not None
    return lane._session.health


def test_the_connection_test_travels_the_road(house: ConnectorHouse) -> None:
    """TestConnector answers what the running connector found."""
    request = connector_pb2.TestConnectorRequest(connector="zendesk")
    with house.client() as client:
        answer = client.connectors.TestConnector(request)
        assert answer.connector_running
        assert answer.ok, answer
        names = [check.name for check in answer.checks]
        assert {"host", "credentials", "permissions", "webhook_secret"} <= set(names)
        house.zendesk.token = "expired"
        refused = client.connectors.TestConnector(request)
    assert not refused.ok
    (failed,) = [check for check in refused.checks if not check.ok]
    assert failed.name == "credentials"
    assert "token" in failed.message
