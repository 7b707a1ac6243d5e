"""What happens in Zendesk happens here: replies, merges, articles, old tickets."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from plugin_ui.doubles.zendesk import AGENT, CUSTOMER
from sidecar.client import SidecarClient
from sidecar.v1 import (
    common_pb2,
    connector_pb2,
    knowledge_pb2,
    ticket_pb2,
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


@pytest.fixture
def house(sidecar: SidecarProcess) -> Iterator[ConnectorHouse]:
    """Zendesk in mode suggest, connectors running, a new double for each test."""
    with zendesk_in(sidecar) as house:
        yield house


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
    settled(house)
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
    settled(house)
    assert house.dead() == []


def test_articles_and_macros_become_knowledge(house: ConnectorHouse) -> None:
    """Public articles, articles of a segment and macros; what is gone is removed."""
    desk = house.zendesk.desk
    with house.client() as client:
        assert _documents(client, "zendesk_guide") == {}
    desk.articles = [
        _article(1, "Billing", "Invoices come monthly."),
        _article(2, "Inside", "Margins.", segment=4),
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


def _article(
    number: int, title: str, words: str, segment: int | None = None
) -> dict[str, object]:
    body = f"<p>{words}</p>"
    return {"id": number, "title": title, "body": body, "user_segment_id": segment}


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
    settled(house)
    assert len(house.zendesk.desk.notes(number)) == 2


def test_a_change_is_listed_and_taken_back(house: ConnectorHouse) -> None:
    """Tags and priority we wrote are listed; taking them back leaves the rest."""
    house.switch("automate", automate_fields="priority tags")
    house.hook()
    desk = house.zendesk.desk
    number = desk.add_ticket("Cannot log in", TROUBLE, tags=("vip",))
    house.note(number)
    until(lambda: {"tags", "note"} <= set(changes_of(house, number)), what="the list")
    changes = changes_of(house, number)
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
            changes_of(house, number)[name].state not in (made, asked)
            for name in ("tags", "note")
        ),
        what="the answer",
    )
    changes = changes_of(house, number)
    assert changes["tags"].state == connector_pb2.CHANGE_STATE_REVERTED
    assert changes["note"].state == connector_pb2.CHANGE_STATE_REVERT_FAILED
    assert "redact" in changes["note"].message
    assert desk.tickets[number]["tags"] == ["vip"]
    settled(house)
    assert desk.tickets[number]["tags"] == ["vip"]
    assert len(desk.notes(number)) == 1
