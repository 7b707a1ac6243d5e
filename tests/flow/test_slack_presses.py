"""What people press in Slack counts at once, in a pause and in shadow as well.

A house of its own: more than five escalations in ten minutes would share one card.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from plugin_ui.doubles import slack
from sidecar.v1 import escalation_pb2
from tests.flow.slack_house import ANA, EVE, FORM, House, slack_in, until


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everything running; each test makes its own tickets."""
    with slack_in(tmp_path_factory.mktemp("presses")) as running:
        yield running


def test_a_dialog_resolves_with_the_reason_that_was_given(house: House) -> None:
    """What Slack sends for a submitted dialog: the reason is the resolution."""
    raised = house.escalate("Sign-in fails for all")
    card = house.card_of(raised)
    own_id = raised.escalation_id
    body = slack.submitted_body(EVE, "esc_resolve_modal", own_id, "Just because")
    before = len(house.slack.whispers)
    assert house.hook("slack/interactivity", body, FORM) == 200
    told = until(lambda: house.slack.whispers[before:])
    assert (told[0]["user"], told[0]["channel"]) == (EVE, slack.CHANNEL)
    reason = "Restarted the SSO pod"
    body = slack.submitted_body(ANA, "esc_resolve_modal", own_id, reason)
    assert house.hook("slack/interactivity", body, FORM) == 200
    until(lambda: reason in str(house.card_of(raised)["blocks"]))
    assert house.state(raised).state == escalation_pb2.ESCALATION_STATE_RESOLVED
    assert house.state(raised).resolution == reason
    assert "esc_resolve" not in str(house.card_of(raised)["blocks"])
    assert card["ts"] == house.card_of(raised)["ts"]


def test_a_press_counts_in_a_pause_and_only_what_slack_shows_waits(
    house: House,
) -> None:
    """An acknowledgement is no writing at Slack: the alert must not climb meanwhile."""
    raised, other = house.escalate("Cron jobs stand"), house.escalate("Queue is full")
    card, others = house.card_of(raised), house.card_of(other)
    before = len(house.slack.whispers)
    house.paused(on=True)
    try:
        house.press(ANA, card, "esc_ack")
        house.press(EVE, others, "esc_ack")
        until(lambda: house.state(raised).acknowledged_by_name == "Ana Agent")
        time.sleep(1)
        assert house.card_of(raised)["blocks"] == card["blocks"]
        assert house.slack.whispers[before:] == []
    finally:
        house.paused(on=False)
    until(lambda: "acknowledged by Ana" in str(house.card_of(raised)["blocks"]))
    told = until(lambda: house.slack.whispers[before:])
    assert [whisper["user"] for whisper in told] == [EVE]


def test_a_press_counts_in_shadow_and_slack_shows_nothing_new(house: House) -> None:
    """The card is of another mode; who presses it has taken notice all the same."""
    raised = house.escalate("Exports are empty")
    card = house.card_of(raised)
    house.mode("SHADOW")
    try:
        house.press(ANA, card, "esc_ack")
        until(lambda: house.state(raised).acknowledged_by_name == "Ana Agent")
        time.sleep(1)
        assert house.card_of(raised)["blocks"] == card["blocks"]
    finally:
        house.mode("SUGGEST")
