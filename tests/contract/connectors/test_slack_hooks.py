"""What Slack's event hook does beside what every hook does."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from plugin_ui.doubles import slack
from tests.contract.connectors.cases import CASES
from tests.contract.connectors.conftest import SECRET, Receiver

(EVENTS,) = [case for case in CASES if case.path == "slack/events"]
(ACTIONS,) = [case for case in CASES if case.path == "slack/interactivity"]
CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
HELLO = json.dumps({"type": "url_verification", "challenge": CHALLENGE}).encode()


def test_a_challenge_is_told_to_slack_alone(receiver: Receiver) -> None:
    """A17: without a valid signature 401, and the challenge is not said again."""
    strangers = (
        receiver.hook(EVENTS, HELLO, secret="another"),
        receiver.hook(EVENTS, HELLO, drop=("X-Slack-Signature",)),
        receiver.hook(EVENTS, HELLO, ago=301),
    )
    for answer in strangers:
        assert answer.status == 401
        assert CHALLENGE.encode() not in answer.body
    known = receiver.hook(EVENTS, HELLO)
    assert (known.status, CHALLENGE.encode() in known.body) == (200, True)
    assert receiver.gateway.published == 0


def test_slacks_own_repeats_are_answered_at_once(receiver: Receiver) -> None:
    """A18: repeats one to three of an event are 200 at once, and no event."""
    event = {"type": "app_mention", "user": "U1", "text": "hi", "channel": "C1"}
    body = slack.event_body({**event, "ts": "1770113700.1"}, "EvRepeated")
    assert receiver.hook(EVENTS, body).status == 200
    for number in range(1, 4):
        extra = {
            "X-Slack-Retry-Num": str(number),
            "X-Slack-Retry-Reason": "http_timeout",
        }
        assert receiver.hook(EVENTS, body, extra=extra).status == 200
    assert len(receiver.gateway.events) == 1
    assert SECRET not in str(receiver.gateway.events)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "app_rate_limited", "minute_rate_limited": 1518467820},
        {"type": "moon_landed", "event_id": "Ev0MOON"},
        {"type": "event_callback", "event_id": "Ev0", "event": {"type": "moon_landed"}},
        {"type": "event_callback", "event_id": "Ev1"},
        {},
    ],
)
def test_an_event_of_an_unknown_kind_is_stored_as_ignored(
    receiver: Receiver, body: dict[str, Any]
) -> None:
    """A21: kept once, with no word of its content; its repeat is not kept again."""
    sent = json.dumps({**body, "team_id": slack.TEAM, "new_field": "unheard"}).encode()
    for _ in range(2):
        assert receiver.hook(EVENTS, sent).status == 200
    (event,) = receiver.gateway.events
    assert event.type == "slack.ignored"
    assert set(event.payload) == {"kind"}
    assert receiver.gateway.published == 2


@pytest.mark.parametrize(
    "body",
    [
        {"type": "view_closed", "view": {"id": "V1", "callback_id": "esc"}},
        {"type": "shortcut", "callback_id": "moon"},
        {"type": "message_action", "message": {"text": "unheard"}},
        {"type": "moon_landed"},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {},
    ],
)
def test_an_interaction_of_an_unknown_kind_is_stored_as_ignored(
    receiver: Receiver, body: dict[str, Any]
) -> None:
    """A21: what nothing is made of is to be seen, and is not its content."""
    given = {**body, "user": {"id": "U1"}, "team": {"id": slack.TEAM}}
    sent = urlencode({"payload": json.dumps(given)}).encode()
    for _ in range(2):
        assert receiver.hook(ACTIONS, sent).status == 200
    (event,) = receiver.gateway.events
    assert event.type == "slack.ignored"
    assert event.payload == {"kind": body.get("type", "")}
