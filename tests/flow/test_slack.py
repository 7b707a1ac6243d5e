"""Slack from a ticket to a card and back: real processes, a double of Slack."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.client import SidecarClient
from sidecar.v1 import (
    access_pb2,
    assist_pb2,
    common_pb2,
    connector_pb2,
    escalation_pb2,
    knowledge_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess

T = TypeVar("T")
SECONDS = 20.0
ANA, EVE = "U061F7AUR", "U0EVE"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class House:
    """A sidecar, a connectors process and the double, wired as in real life."""

    sidecar: SidecarProcess
    connectors: ConnectorsProcess
    slack: SlackDouble
    client: SidecarClient

    def escalate(self, subject: str) -> escalation_pb2.Escalation:
        """Let a ticket need somebody."""
        ticket = ticket_pb2.Ticket(
            connector="api",
            external_id=uuid.uuid4().hex[:12],
            subject=subject,
            url="https://acme.example/agent/tickets/5158",
            messages=[
                ticket_pb2.Message(
                    author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                    body=f"{subject}. Nothing works here.",
                )
            ],
        )
        request = assist_pb2.EscalateRequest(
            request_id=uuid.uuid4().hex, ticket=ticket, level=2, reason="Down for all"
        )
        return self.client.assist.Escalate(request).escalation

    def hook(self, path: str, body: bytes, kind: str = "application/json") -> int:
        """Send what Slack would send."""
        headers = slack.signed_headers(slack.SIGNING_SECRET, body, time.time())
        headers["Content-Type"] = kind
        return self.connectors.ask("POST", f"/hooks/default/{path}", body, headers)[0]

    def press(self, user: str, card: dict[str, Any], action: str, **given: str) -> None:
        """Let a person use a card."""
        given.setdefault("action_ts", f"{time.time():.6f}")
        body = slack.pressed_body(user, card, action, **given)
        assert self.hook("slack/interactivity", body, _FORM["Content-Type"]) == 200

    def command(self, user: str, text: str) -> dict[str, Any]:
        """Let a person give a command and return the answer."""
        before = len(self.slack.answers)
        url = f"{self.slack.address}/commands/1"
        body = slack.command_body(user, text, uuid.uuid4().hex, url)
        assert self.hook("slack/commands", body, _FORM["Content-Type"]) == 200
        return until(lambda: self.slack.answers[before:])[0]

    def card_of(self, escalation: escalation_pb2.Escalation) -> dict[str, Any]:
        """Return the one card of an escalation."""
        own_id = escalation.escalation_id
        found = until(lambda: [c for c in self.slack.cards() if own_id in str(c)])
        assert len(found) == 1
        return copy.deepcopy(found[0])  # as seen now: the double draws it anew

    def state(self, escalation: escalation_pb2.Escalation) -> escalation_pb2.Escalation:
        """Return an escalation as the sidecar knows it."""
        request = escalation_pb2.GetEscalationRequest(
            escalation_id=escalation.escalation_id
        )
        return self.client.escalations.GetEscalation(request).escalation


def until(ask: Callable[[], T]) -> T:
    """Wait for something that is true and return it."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everything running; each test makes its own tickets."""
    folder = tmp_path_factory.mktemp("slack")
    double = SlackDouble()
    double.add_user(ANA, "ana@acme.example")
    double.add_user(EVE, "eve@elsewhere.example")
    sidecar = SidecarProcess(folder / "data", DESKSIDE_ALLOW_TEST_HOSTS="1")
    sidecar.start()
    connectors = ConnectorsProcess(folder / "data", sidecar.address, "slack")
    try:
        sidecar.wait_until_serving()
        client = sidecar.client()
        _set_up(client, double)
        connectors.start()
        yield House(sidecar, connectors, double, client)
        client.close()
        assert connectors.stop() == 0, connectors.said()
    finally:
        sidecar.stop()
        double.close()


def _set_up(client: SidecarClient, double: SlackDouble) -> None:
    client.connectors.SaveConnector(
        connector_pb2.SaveConnectorRequest(
            request_id="set-up",
            connector="slack",
            mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
            settings=double.settings,
        )
    )
    ana = access_pb2.Member(
        email="Ana@acme.example", name="Ana Agent", role=access_pb2.ROLE_AGENT
    )
    client.access.CreateMember(access_pb2.CreateMemberRequest(member=ana))
    text = (
        b"# Reset a password\n\nOpen Settings, choose Security, press Reset password."
    )
    header = knowledge_pb2.AddDocumentHeader(
        file_name="reset.md",
        source="handbook",
        title="Reset a password",
        source_url="https://help.acme.example/reset",
        visibility=common_pb2.VISIBILITY_PUBLIC,
    )
    client.upload(text, header)


def test_an_escalation_becomes_one_card_that_shows_what_happens_to_it(
    house: House,
) -> None:
    """Raised, acknowledged and resolved by a linked member: one card, drawn anew."""
    raised = house.escalate("Production is down")
    card = house.card_of(raised)
    house.press(ANA, card, "esc_ack")
    until(lambda: "Acknowledged" in str(house.card_of(raised)["blocks"]))
    now = house.state(raised)
    assert now.state == escalation_pb2.ESCALATION_STATE_ACKNOWLEDGED
    assert now.acknowledged_by_name == "Ana Agent"
    assert "acknowledged by Ana Agent" in str(house.card_of(raised)["blocks"])
    house.press(ANA, house.card_of(raised), "esc_assign", selected_user=ANA)
    until(lambda: "Assigned" in str(house.card_of(raised)["blocks"]))
    house.press(ANA, house.card_of(raised), "esc_resolve")
    until(lambda: "esc_resolve" not in str(house.card_of(raised)["blocks"]))
    assert house.state(raised).state == escalation_pb2.ESCALATION_STATE_RESOLVED


def test_who_is_no_member_is_told_how_to_become_one(house: House) -> None:
    """A Slack user without a member's address changes nothing."""
    raised = house.escalate("Mail does not arrive")
    before = len(house.slack.whispers)
    house.press(EVE, house.card_of(raised), "esc_ack")
    told = until(lambda: house.slack.whispers[before:])
    assert told[0]["user"] == EVE
    assert "administrator" in told[0]["text"]
    assert house.state(raised).state == escalation_pb2.ESCALATION_STATE_OPEN


def test_the_second_to_press_is_told_who_was_first(house: House) -> None:
    """The loser of a race gets a whisper, the state stays the winner's."""
    raised = house.escalate("Invoices are empty")
    card = house.card_of(raised)
    house.press(ANA, card, "esc_ack")
    until(
        lambda: (
            house.state(raised).state == escalation_pb2.ESCALATION_STATE_ACKNOWLEDGED
        )
    )
    before = len(house.slack.whispers)
    house.press(ANA, card, "esc_ack")
    told = until(lambda: house.slack.whispers[before:])
    assert "faster" in told[0]["text"]


def test_a_post_that_nobody_saw_answered_is_found_and_not_repeated(
    house: House,
) -> None:
    """B05: Slack posts the card, the connection breaks: the mark is looked up."""
    house.slack.fail("cut", path="chat.postMessage")
    raised = house.escalate("Uploads hang")
    own_id = raised.escalation_id
    until(lambda: [c for c in house.slack.ledger if c.method == "chat.postMessage"])
    until(lambda: house.slack.cards() and _kept(house, f"card:{own_id}"))
    assert len([c for c in house.slack.cards() if own_id in str(c)]) == 1


def test_slack_asking_to_wait_costs_time_only(house: House) -> None:
    """429 with Retry-After: one card, later."""
    house.slack.fail(
        "status", path="chat.postMessage", status=429, retry_after="1", times=2
    )
    raised = house.escalate("Search finds nothing")
    house.card_of(raised)


def test_a_command_is_answered_from_the_knowledge_base_with_its_source(
    house: House,
) -> None:
    """`ask` quotes the passage and links the article; nonsense finds nothing."""
    answer = house.command(ANA, "ask How do I reset my password?")
    assert "press Reset password" in str(answer["blocks"])
    assert "https://help.acme.example/reset" in str(answer["blocks"])
    unknown = house.command(ANA, "ask Which moons does Jupiter have?")
    assert "found nothing" in str(unknown["blocks"])


def test_a_command_summarizes_and_escalates_a_ticket(house: House) -> None:
    """`summarize` and `escalate` work with the helpdesk's number."""
    ticket = ticket_pb2.Ticket(
        connector="zendesk",
        external_id="5158",
        subject="Cannot log in",
        messages=[
            ticket_pb2.Message(
                author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                body="I cannot log in since Monday. It says error 503.",
            )
        ],
    )
    house.client.tickets.UpsertTicket(
        ticket_service_pb2.UpsertTicketRequest(ticket=ticket)
    )
    assert "log in" in str(house.command(ANA, "summarize #5158")["blocks"])
    assert "Escalated" in str(house.command(ANA, "escalate ZD-5158 it burns")["blocks"])
    assert "already" in str(house.command(ANA, "escalate 5158")["blocks"])
    refused = house.command(EVE, "summarize 5158")
    assert "log in" not in str(refused)


def test_a_thread_keeps_its_context_and_ends_no_loop(house: House) -> None:
    """A mention is answered once in its thread; the next turn needs no mention."""
    asked = house.slack.say(ANA, f"<@{slack.BOT_USER}> how do I reset my password?")
    event = {**asked, "type": "app_mention", "channel": slack.CHANNEL}
    body = slack.event_body(event, "EvThread1")
    assert house.hook("slack/events", body) == 200
    assert house.hook("slack/events", body) == 200  # Slack's retry
    until(lambda: house.slack.replies(asked["ts"]))
    more = house.slack.say(ANA, "and where do I find Security?", asked["ts"])
    event = {**more, "channel": slack.CHANNEL, "channel_type": "channel"}
    assert house.hook("slack/events", slack.event_body(event, "EvThread2")) == 200
    until(lambda: len(house.slack.replies(asked["ts"])) == 2)
    own = {**house.slack.replies(asked["ts"])[-1], "channel": slack.CHANNEL}
    assert house.hook("slack/events", slack.event_body(own, "EvOwn")) == 200
    time.sleep(1)
    assert len(house.slack.replies(asked["ts"])) == 2


def test_a_spike_shares_one_card(house: House) -> None:
    """Twelve escalations at once: a few cards, then one that lists the rest."""
    raised = [house.escalate(f"Checkout fails {number}") for number in range(12)]
    last = raised[-1].escalation_id
    until(lambda: _kept(house, f"card:{last}"))
    until(lambda: any("short time" in str(c["blocks"]) for c in house.slack.cards()))
    group = [c for c in house.slack.cards() if "short time" in str(c["blocks"])]
    assert len(group) == 1
    house.press(ANA, group[0], "esc_ack_all")
    until(
        lambda: (
            house.state(raised[-1]).state
            == escalation_pb2.ESCALATION_STATE_ACKNOWLEDGED
        )
    )


def test_a_connection_test_says_what_is_wrong(house: House) -> None:
    """TestConnector travels to the process and back, good and bad."""
    request = connector_pb2.TestConnectorRequest(connector="slack")
    good = house.client.connectors.TestConnector(request)
    assert good.ok, good
    house.slack.token = "xoxb-other"
    try:
        bad = house.client.connectors.TestConnector(request)
    finally:
        house.slack.token = slack.BOT_TOKEN
    assert not bad.ok
    assert any("bot_token" in check.message for check in bad.checks)


def _kept(house: House, key: str) -> bool:
    """Say whether the place of a card is kept."""
    connectors = SidecarClient(house.sidecar.address, house.sidecar.key("connectors"))
    try:
        request = connector_pb2.GetConnectorRecordRequest(connector="slack", key=key)
        found = connectors.connectors.GetConnectorRecord(request)
        return b'"ts"' in found.record.value or b'"group"' in found.record.value
    finally:
        connectors.close()
