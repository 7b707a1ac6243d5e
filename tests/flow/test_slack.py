"""Slack from a ticket to a card and back: real processes, a double of Slack."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from plugin_ui.doubles import slack
from sidecar.v1 import (
    access_pb2,
    connector_pb2,
    escalation_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.flow.slack_house import ANA, EVE, House, slack_in, until


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everything running; each test makes its own tickets."""
    with slack_in(tmp_path_factory.mktemp("slack")) as running:
        yield running


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
    house.slack.add_user("U0BEN", "ben@acme.example")
    ben = access_pb2.Member(email="ben@acme.example", role=access_pb2.ROLE_AGENT)
    house.client.access.CreateMember(access_pb2.CreateMemberRequest(member=ben))
    before = len(house.slack.whispers)
    house.press("U0BEN", card, "esc_ack")
    told = until(lambda: house.slack.whispers[before:])
    assert "faster: it is acknowledged by Ana Agent" in told[0]["text"]


def test_a_post_that_nobody_saw_answered_is_found_and_not_repeated(
    house: House,
) -> None:
    """B05: Slack posts the card, the connection breaks: the mark is looked up."""
    house.slack.fail("cut", path="chat.postMessage")
    raised = house.escalate("Uploads hang")
    own_id = raised.escalation_id
    until(lambda: [c for c in house.slack.ledger if c.method == "chat.postMessage"])
    until(lambda: house.slack.cards() and house.kept(f"card:{own_id}"))
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
    """A mention is answered once in its thread; the next turn needs no mention.

    Slack tells of each mention twice, and of our own answers as well.
    """
    asked = house.slack.say(ANA, f"<@{slack.BOT_USER}> how do I reset my password?")
    until(lambda: house.slack.replies(asked["ts"]))
    house.slack.say(ANA, "and where do I find Security?", asked["ts"])
    until(lambda: len(house.slack.replies(asked["ts"])) == 2)
    mention = f"<@{slack.BOT_USER}> and what do I press there?"
    house.slack.say(ANA, mention, asked["ts"])
    until(lambda: len(house.slack.replies(asked["ts"])) == 3)
    time.sleep(1.5)
    assert len(house.slack.replies(asked["ts"])) == 3


def test_a_process_killed_after_it_answered_answers_once(house: House) -> None:
    """B05: two answers are out, nobody has noted them, the process dies: no third."""
    house.slack.fail("late", path="chat.postMessage", seconds=60, times=2)
    asked = [
        house.slack.say(ANA, f"<@{slack.BOT_USER}> where is setting {number}?")["ts"]
        for number in range(2)
    ]
    until(lambda: all(house.slack.replies(ts) for ts in asked))
    house.connectors.kill()
    house.slack.script.clear()
    house.connectors.start()
    # The turns of a thread are answered in their order: the next one comes after it.
    for ts in asked:
        house.slack.say(ANA, "which moons does Jupiter have?", ts)
    until(lambda: all("Jupiter" in str(house.slack.replies(ts)) for ts in asked))
    assert [len(house.slack.replies(ts)) for ts in asked] == [2, 2]


def test_a_spike_shares_one_card(house: House) -> None:
    """Twelve escalations at once: a few cards, then one that lists the rest."""
    raised = [house.escalate(f"Checkout fails {number}") for number in range(12)]
    last = raised[-1].escalation_id
    until(lambda: house.kept(f"card:{last}"))
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
