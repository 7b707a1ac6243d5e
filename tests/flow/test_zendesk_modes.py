"""How much is written to Zendesk: by mode, in a pilot, during a pause, and back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors import metrics
from sidecar.v1 import (
    assist_pb2,
    connector_pb2,
    escalation_pb2,
    policy_pb2,
    rules_pb2,
)
from tests.flow.connector_house import (
    ConnectorHouse,
    changes_of,
    settled,
    sidecar_in,
    until,
    zendesk_in,
)
from tests.flow.sidecar_process import SidecarProcess

TROUBLE = (
    "Since this morning I cannot log in, the page says error 503."
    " We lose sales every minute."
)
MADE = connector_pb2.CHANGE_STATE_MADE
REVERTED = connector_pb2.CHANGE_STATE_REVERTED
FAILED = connector_pb2.CHANGE_STATE_REVERT_FAILED


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """One sidecar for this file."""
    running = sidecar_in(tmp_path_factory.mktemp("modes"))
    yield running
    running.stop()


@pytest.fixture
def house(sidecar: SidecarProcess) -> Iterator[ConnectorHouse]:
    """Zendesk with connectors running and a new double for each test."""
    with zendesk_in(sidecar) as house:
        yield house


@contextmanager
def _switched(house: ConnectorHouse, name: str) -> Iterator[None]:
    """Turn a switch on, and off again."""
    _switch(house, name, on=True)
    try:
        yield
    finally:
        _switch(house, name, on=False)


def _switch(house: ConnectorHouse, name: str, *, on: bool) -> None:
    with house.client() as client:
        request = policy_pb2.UpdateFeatureFlagsRequest(flags={name: on})
        client.policies.UpdateFeatureFlags(request)


@contextmanager
def _always_sure(house: ConnectorHouse) -> Iterator[None]:
    """Let every category be decided AUTOMATE, and as before again."""
    with house.client() as client:
        get = policy_pb2.GetTaxonomyRequest()
        before = client.policies.GetTaxonomy(get).taxonomy
        sure = rules_pb2.Taxonomy()
        sure.CopyFrom(before)
        for limit in sure.thresholds:
            limit.automate = limit.select = limit.suggest = 0.0
        change = policy_pb2.UpdateTaxonomyRequest
        client.policies.UpdateTaxonomy(change(taxonomy=sure))
        try:
            yield
        finally:
            before.etag = client.policies.GetTaxonomy(get).taxonomy.etag
            client.policies.UpdateTaxonomy(change(taxonomy=before))


def _written(house: ConnectorHouse) -> list[dict[str, Any]]:
    """Return the tickets as they were sent in updates."""
    return [dict(call.body["ticket"]) for call in house.zendesk.writes()]


def _classified(house: ConnectorHouse, number: int) -> None:
    def is_there() -> bool:
        found = house.panel_or_none(number)
        return found is not None and found.HasField("classification")

    until(is_there, what="the classification")


def test_suggest_writes_a_private_note_and_own_tags_only(
    house: ConnectorHouse,
) -> None:
    """However sure and whatever may be automated: no field, no other tag."""
    house.switch("suggest", automate_fields="priority tags")
    house.hook()
    with _always_sure(house):
        number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
        house.note(number)
    settled(house)
    (sent,) = _written(house)
    assert sent["comment"]["public"] is False
    assert all(tag.startswith("deskside") for tag in sent["additional_tags"])
    known = {"id", "comment", "additional_tags", "safe_update", "updated_stamp"}
    assert set(sent) <= known
    assert house.zendesk.desk.tickets[number]["priority"] is None


def test_shadow_keeps_what_it_would_have_written(house: ConnectorHouse) -> None:
    """Nothing is written; the delivery's result names fields and tags, no words."""
    house.switch("shadow")
    house.hook()
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    _classified(house, number)
    settled(house)
    assert house.zendesk.writes() == []
    database = f"file:{house.sidecar.data_dir / 'deskside.db'}?mode=ro"
    with sqlite3.connect(database, uri=True) as connection:
        rows = connection.execute("select result from deliveries").fetchall()
    results = [str(row[0]) for row in rows if "would_write" in str(row[0])]
    assert any("additional_tags" in text and "note_length" in text for text in results)
    assert "error 503" not in str(results)


def test_automate_writes_fields_and_each_is_taken_back(house: ConnectorHouse) -> None:
    """Priority and plain tag are written and listed; what changed since stays."""
    house.switch("automate", automate_fields="priority tags")
    house.hook()
    desk = house.zendesk.desk
    with _always_sure(house):
        first, second = (
            desk.add_ticket("Cannot log in", TROUBLE, priority="low", tags=("vip",))
            for _ in range(2)
        )
        for number in (first, second):
            house.note(number)
    settled(house)
    for number in (first, second):
        assert desk.tickets[number]["priority"] in ("normal", "high")
        changes = changes_of(house, number)
        assert changes["priority"].before == "low"
        plain = [t for t in changes["tags"].after.split() if t[:8] != "deskside"]
        assert plain
        assert set(plain) <= set(desk.tickets[number]["tags"])
    desk.change(second, priority="urgent")
    # Taking back is an administrator's own act: it works during a pause as well.
    with _switched(house, "writing_paused"):
        for number in (first, second):
            _take_back(house, changes_of(house, number)["priority"].change_id)
        until(lambda: _state(house, first) == REVERTED, what="the return")
        until(lambda: _state(house, second) == FAILED, what="the refusal")
    assert desk.tickets[first]["priority"] == "low"
    assert desk.tickets[second]["priority"] == "urgent"
    assert "since" in changes_of(house, second)["priority"].message
    settled(house)
    assert desk.tickets[first]["priority"] == "low"
    assert len(desk.notes(first)) == len(desk.notes(second)) == 1


def _take_back(house: ConnectorHouse, change_id: str) -> None:
    with house.client() as client:
        request = connector_pb2.RevertChangeRequest(change_id=change_id)
        client.connectors.RevertChange(request)


def _state(house: ConnectorHouse, number: int) -> int:
    return int(changes_of(house, number)["priority"].state)


def test_a_pilot_writes_only_to_tickets_with_its_tag(house: ConnectorHouse) -> None:
    """Every ticket is decided on; the note comes when the tag comes."""
    house.hook()
    desk = house.zendesk.desk
    with _switched(house, "pilot"):
        outside = desk.add_ticket("Cannot log in", TROUBLE)
        inside = desk.add_ticket("Cannot log in", TROUBLE, tags=("deskside-pilot",))
        house.note(inside)
        _classified(house, outside)
        settled(house)
        assert desk.notes(outside) == []
        assert len(_written(house)) == 1
        desk.change(outside, tags=["deskside-pilot"])
        house.note(outside)
    settled(house)
    assert [len(desk.notes(number)) for number in (inside, outside)] == [1, 1]


def test_a_pause_stops_every_write_and_loses_none(house: ConnectorHouse) -> None:
    """Notes of tickets and of an escalation wait, and are written once afterwards."""
    house.hook()
    desk = house.zendesk.desk
    early = desk.add_ticket("Slow export", "The export is a bit slow.")
    house.note(early)
    with _switched(house, "writing_paused"):
        numbers = [desk.add_ticket(f"Cannot log in {n}", TROUBLE) for n in range(3)]
        _escalate_and_acknowledge(house, early)
        for number in numbers:
            _classified(house, number)
        time.sleep(1)
        assert len(_written(house)) == 1
        assert house.dead() == []
    for number in numbers:
        house.note(number)
    assert "was acknowledged" in house.note(early, 2)[-1]
    settled(house)
    assert [len(desk.notes(number)) for number in numbers] == [1, 1, 1]
    assert len(desk.notes(early)) == 2
    assert house.dead() == []


def _escalate_and_acknowledge(house: ConnectorHouse, number: int) -> None:
    ticket_id = house.panel(number).ticket.id
    with house.client() as client:
        raised = client.assist.Escalate(
            assist_pb2.EscalateRequest(ticket_id=ticket_id, reason="Important customer")
        ).escalation
        client.escalations.AcknowledgeEscalation(
            escalation_pb2.AcknowledgeEscalationRequest(
                escalation_id=raised.escalation_id, etag=raised.etag
            )
        )


def test_what_comes_just_after_switching_on_is_not_dropped(
    house: ConnectorHouse,
) -> None:
    """Off is not remembered: the next webhook counts, without waiting for a poll."""
    dropped = metrics.HOOKS.labels("zendesk", "off")._value
    house.switch("off")
    before = dropped.get()
    webhook = house.hook()
    house.zendesk.desk.add_ticket("Before", TROUBLE)
    webhook.wait()
    assert dropped.get() == before + 1
    house.set_up("suggest")
    time.sleep(0.15)
    number = house.zendesk.desk.add_ticket("After", TROUBLE)
    webhook.wait()
    assert dropped.get() == before + 1
    assert house.note(number)
