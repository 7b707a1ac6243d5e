"""Zendesk from webhook to note, through a real sidecar: each effect once."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.events import Health
from sidecar.client import SidecarClient
from sidecar.v1 import (
    common_pb2,
    connector_pb2,
    event_pb2,
    knowledge_pb2,
    policy_pb2,
    ticket_pb2,
)
from tests.doubles.zendesk import AGENT, CUSTOMER
from tests.flow.connector_house import ConnectorHouse, sidecar_in, until
from tests.flow.sidecar_process import SidecarProcess

SAMPLES = Path(__file__).resolve().parents[1] / "data/payloads/zendesk"
TROUBLE = (
    "Since this morning I cannot log in, the page says error 503."
    " We lose sales every minute."
)


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """One sidecar for this file."""
    running = sidecar_in(tmp_path_factory.mktemp("zendesk"))
    yield running
    running.stop()


_numbers = itertools.count(1)


@pytest.fixture
def house(sidecar: SidecarProcess) -> Iterator[ConnectorHouse]:
    """Zendesk in mode suggest, connectors running, a new double for each test."""
    house = ConnectorHouse(sidecar)
    # Each test's tickets have numbers of their own in the shared sidecar.
    first = next(_numbers) * 1000
    house.zendesk.desk._numbers = itertools.count(first)
    _forget_cursors(house)
    house.set_up()
    house.start()
    yield house
    house.close()


def _forget_cursors(house: ConnectorHouse) -> None:
    with house.client() as client:
        for key in ("cursor:tickets", "backfill", "guide"):
            request = connector_pb2.GetConnectorRecordRequest(
                connector="zendesk", key=key
            )
            found = client.connectors.GetConnectorRecord(request)
            if not found.HasField("record"):
                continue
            record = found.record
            record.value = b"{}"
            client.connectors.PutConnectorRecord(
                connector_pb2.PutConnectorRecordRequest(record=record)
            )


def _settled(house: ConnectorHouse) -> None:
    """Wait until nothing waits, for longer than a poll takes."""
    quiet = 0
    end = time.monotonic() + 25
    while quiet < 4 and time.monotonic() < end:
        quiet = quiet + 1 if house.waiting() == 0 else 0
        time.sleep(0.3)
    assert house.waiting() == 0


def test_a_ticket_gets_one_note_whoever_tells_of_it(house: ConnectorHouse) -> None:
    """Event webhook, trigger webhook and poll tell of a ticket: one note, one PUT."""
    hooks = [house.hook(), house.hook(trigger=True)]
    number = house.zendesk.desk.add_ticket("Cannot log in - error 503", TROUBLE)
    (note,) = house.note(number)
    for hook in hooks:
        hook.wait()
        assert all(delivery.accepted for delivery in hook.deliveries)
    _settled(house)
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
    _settled(house)
    assert len(house.zendesk.writes()) == 1


def test_each_customer_reply_is_answered_once(house: ConnectorHouse) -> None:
    """A second message of the customer gets a second note, an agent's reply none."""
    house.hook()
    desk = house.zendesk.desk
    number = desk.add_ticket("Cannot log in", TROUBLE)
    house.note(number)
    desk.add_comment(number, "We are looking into it.", AGENT)
    _settled(house)
    assert len(desk.notes(number)) == 1
    desk.add_comment(number, "Still broken. If this is not fixed today we cancel.")
    assert len(house.note(number, 2)) == 2
    _settled(house)
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
    _settled(house)
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
    _settled(house)
    last = desk.notes(number)[-1]
    assert len(desk.notes(number)) <= 2
    assert last


def test_shadow_touches_nothing_and_records_what_it_would_do(
    house: ConnectorHouse,
) -> None:
    """In mode shadow everything is decided and nothing is written."""
    house.set_up("shadow")
    house.hook()
    number = house.zendesk.desk.add_ticket("Cannot log in", TROUBLE)
    until(lambda: _is_classified(house, number), what="the classification")
    _settled(house)
    assert house.zendesk.writes() == []
    assert _changes(house, number) == {}


def test_off_does_nothing_at_all(house: ConnectorHouse) -> None:
    """In mode off nothing is read, stored or written; webhooks are answered."""
    house.set_up("off")
    time.sleep(2.2)
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
    _settled(house)
    assert len(house.zendesk.desk.notes(number)) == 1


def _is_classified(house: ConnectorHouse, number: int) -> bool:
    found = house.panel_or_none(number)
    return found is not None and found.HasField("classification")


def _switch(house: ConnectorHouse, *, paused: bool) -> None:
    with house.client() as client:
        request = policy_pb2.UpdateFeatureFlagsRequest(flags={"writing_paused": paused})
        client.policies.UpdateFeatureFlags(request)


def test_a_change_is_listed_and_taken_back(house: ConnectorHouse) -> None:
    """Tags and priority we wrote are listed; taking them back leaves the rest."""
    house.set_up("automate", automate_fields="priority tags")
    house.hook()
    desk = house.zendesk.desk
    number = desk.add_ticket("Cannot log in", TROUBLE, tags=("vip",))
    house.note(number)
    until(lambda: {"tags", "note"} <= set(_changes(house, number)), what="the list")
    changes = _changes(house, number)
    for name in ("tags", "note"):
        with house.client() as client:
            request = connector_pb2.RevertChangeRequest(
                change_id=changes[name].change_id
            )
            client.connectors.RevertChange(request)
    made = connector_pb2.CHANGE_STATE_MADE
    asked = connector_pb2.CHANGE_STATE_REVERT_REQUESTED
    until(
        lambda: all(
            _changes(house, number)[name].state not in (made, asked)
            for name in ("tags", "note")
        ),
        what="the answer",
    )
    changes = _changes(house, number)
    assert changes["tags"].state == connector_pb2.CHANGE_STATE_REVERTED
    assert changes["note"].state == connector_pb2.CHANGE_STATE_REVERT_FAILED
    assert "redact" in changes["note"].message
    assert desk.tickets[number]["tags"] == ["vip"]
    _settled(house)
    assert desk.tickets[number]["tags"] == ["vip"]
    assert len(desk.notes(number)) == 1


def _changes(
    house: ConnectorHouse, number: int
) -> dict[str, connector_pb2.VendorChange]:
    with house.client() as client:
        request = connector_pb2.ListChangesRequest(connector="zendesk")
        found = client.connectors.ListChanges(request).changes
    return {c.field: c for c in found if c.external_id == str(number)}


def test_the_sent_reply_is_matched_to_the_draft(house: ConnectorHouse) -> None:
    """A draft that an agent sends with changes is recorded as edited, once."""
    _teach(house)
    desk = house.zendesk.desk
    house.hook()
    number = desk.add_ticket(
        "Reset my Acme password", "Hello, how do I reset my Acme password?"
    )
    house.note(number)
    draft = house.panel(number).draft
    assert draft.text, draft.blocker_text
    house.clock.by = timedelta(seconds=5)
    desk.add_comment(number, f"Hi Ana!\n\n{draft.text}\n\nYours, Jo of Acme", AGENT)
    until(lambda: _feedback(house) == {"edited": 1}, what="the feedback")
    desk.change(number, status="solved")
    until(
        lambda: house.panel(number).ticket.status == ticket_pb2.TICKET_STATUS_SOLVED,
        what="the solution",
    )
    _settled(house)
    assert _feedback(house) == {"edited": 1}


def _feedback(house: ConnectorHouse) -> dict[str, int]:
    database = house.sidecar.data_dir / "deskside.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "select kind, count(*) from feedback group by kind"
        ).fetchall()
    return {str(kind).lower(): int(count) for kind, count in rows}


def _teach(house: ConnectorHouse) -> None:
    text = (
        "# Accounts\n\n## How do I reset my Acme password?\n\nTo reset your Acme"
        " password, open Settings, choose Security and press Reset password. You get"
        " an e-mail with a link that is valid for 30 minutes.\n\n## How do I change my"
        " e-mail address?\n\nOpen Settings and choose Profile.\n\n## Invoices\n\nAcme"
        " sends invoices on the first day of each month.\n"
    )
    header = knowledge_pb2.AddDocumentHeader(
        file_name="password.md",
        source="handbook",
        visibility=common_pb2.VISIBILITY_PUBLIC,
    )
    with house.client() as client:
        client.upload(text.encode(), header)


def test_merge_redaction_and_deletion_are_followed(house: ConnectorHouse) -> None:
    """What vanishes at Zendesk vanishes here; a merged ticket points to its target."""
    house.hook()
    desk = house.zendesk.desk
    target = desk.add_ticket("Cannot log in", TROUBLE)
    source = desk.add_ticket("Login again", "My card 4000 1234 is refused as well.")
    house.note(source)
    house.note(target)
    (words,) = [c for c in desk.comments[source] if c["author_id"] == CUSTOMER]
    desk.redact(source, words["id"], "4000 1234")
    until(
        lambda: "4000 1234" not in str(house.panel(source).ticket.messages),
        what="the redaction",
    )
    desk.merge(source, target)
    until(
        lambda: "is refused as well" in str(house.panel(target).ticket.messages),
        what="the merge",
    )
    assert house.panel(source).ticket.status == ticket_pb2.TICKET_STATUS_CLOSED
    desk.delete(target)
    until(lambda: house.panel_or_none(target) is None, what="the deletion")
    _settled(house)
    assert house.dead() == []


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


def test_the_samples_are_handled_as_their_index_says(house: ConnectorHouse) -> None:
    """Each sample is posted as it is, at its own moment, for the ticket it is about."""
    desk = house.zendesk.desk
    then = datetime(2026, 2, 3, 10, 15, 31, tzinfo=UTC)
    house.clock.by = then - datetime.now(UTC)
    desk.add_ticket("Cannot log in - error 503", TROUBLE, number=5158)

    def post(name: str) -> int:
        sample = json.loads((SAMPLES / name).read_text())
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

    assert post("event_ticket_created.json") == 200
    house.note(5158)
    for name in ("event_duplicate_delivery", "event_ticket_created_real_format"):
        assert post(f"{name}.json") == 200
    desk.add_comment(5158, "Still broken. If this is not fixed today we cancel.")
    assert post("event_comment_added_customer.json") == 200
    house.note(5158, 2)
    assert post("event_comment_added_agent_private.json") == 200
    desk.change(5158, priority="urgent", assignee_id=AGENT)
    for name in ("priority_changed", "agent_assignment_changed", "unknown_type"):
        assert post(f"event_{name}.json") == 200
    until(lambda: house.panel(5158).ticket.vendor_priority == "urgent", what="it")
    assert post("trigger_custom_json.json") == 200
    assert post("trigger_broken_json.json") == 400
    letters = until(house.dead)
    assert [letter.error_reason for letter in letters] == ["HOOK_UNREADABLE"]
    desk.change(5158, status="solved")
    assert post("event_status_changed.json") == 200
    until(
        lambda: house.panel(5158).ticket.status == ticket_pb2.TICKET_STATUS_SOLVED,
        what="the solution",
    )
    _settled(house)
    assert len(desk.notes(5158)) == 2
    assert len(house.dead()) == 1
    _discard(house)


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


def test_articles_and_macros_become_knowledge(house: ConnectorHouse) -> None:
    """Public articles, articles of a segment and macros; what is gone is removed."""
    desk = house.zendesk.desk
    with house.client() as client:
        assert _documents(client, "zendesk_guide") == {}
    desk.articles = [
        {"id": 1, "title": "Billing", "body": "<p>Invoices come monthly.</p>"},
        {"id": 2, "title": "Inside", "body": "<p>Margins.</p>", "user_segment_id": 4},
    ]
    actions = [{"field": "comment_value", "value": "Please restart the app once."}]
    desk.macros = [{"id": 3, "title": "Restart", "actions": actions}]
    house.clock.by = timedelta(hours=1)
    with house.client() as client:
        until(lambda: len(_documents(client, "zendesk_guide")) == 2)
        found = _documents(client, "zendesk_guide")
        assert found == {
            "article-1-public.html": common_pb2.VISIBILITY_PUBLIC,
            "article-2-internal.html": common_pb2.VISIBILITY_INTERNAL,
        }
        until(lambda: len(_documents(client, "zendesk_macros")) == 1)
        desk.articles = desk.articles[:1]
        house.clock.by = timedelta(hours=2)
        until(lambda: list(_documents(client, "zendesk_guide")) == [next(iter(found))])


def _documents(client: SidecarClient, source: str) -> dict[str, int]:
    request = knowledge_pb2.ListDocumentsRequest(sources=[source])
    found = client.knowledge.ListDocuments(request).documents
    return {document.file_name: document.visibility for document in found}


def test_past_tickets_are_read_and_nothing_is_written(house: ConnectorHouse) -> None:
    """A backfill stores old tickets with what solved them, with progress, once."""
    desk = house.zendesk.desk
    house.clock.by = timedelta(days=-40)
    old = [desk.add_ticket(f"Old {n}", "It was broken.") for n in range(5)]
    for number in old:
        desk.add_comment(number, "Restart the router, then it works.", AGENT)
        desk.change(number, status="solved")
    house.clock.by = timedelta(0)
    told = _command(house, "connector", "backfill", "zendesk", "--months", "2")
    assert "running" in told
    with house.client() as client:
        key = connector_pb2.GetConnectorRecordRequest(
            connector="zendesk", key="backfill"
        )

        def progress() -> dict[str, object]:
            found = client.connectors.GetConnectorRecord(key).record.value
            kept: dict[str, object] = json.loads(found)
            return kept

        until(lambda: progress()["state"] == "done")
        assert progress_of(progress()) == (5, 5)
    assert house.zendesk.writes() == []
    assert "done" in _command(house, "connector", "backfill", "zendesk")
    for number in old:
        assert house.panel(number).ticket.status == ticket_pb2.TICKET_STATUS_SOLVED


def _command(house: ConnectorHouse, *words: str) -> str:
    """Run a command of `deskside` and return what it printed."""
    key = house.sidecar.key("admin")
    environment = {**os.environ, **house.environment, "DESKSIDE_API_KEY": key}
    done = subprocess.run(
        [sys.executable, "-m", "sidecar.cli.main", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def progress_of(found: dict[str, object]) -> tuple[object, object]:
    """Return how many tickets are done, and how many there are about."""
    return found["done"], found["total"]


def test_an_escalations_end_is_told_on_the_ticket(house: ConnectorHouse) -> None:
    """Acknowledging an escalation writes one private note to its ticket."""
    from sidecar.v1 import assist_pb2, escalation_pb2

    house.hook()
    number = house.zendesk.desk.add_ticket("Slow export", "The export is a bit slow.")
    house.note(number)
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
    notes = house.note(number, 2)
    assert "was acknowledged" in notes[-1]
    _settled(house)
    assert len(house.zendesk.desk.notes(number)) == 2
