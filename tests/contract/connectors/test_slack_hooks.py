"""What Slack's event hook does beside what every hook does."""

from __future__ import annotations

import json
import time

from plugin_ui.doubles import slack
from tests.contract.connectors.cases import CASES
from tests.contract.connectors.conftest import SECRET, Receiver

(EVENTS,) = [case for case in CASES if case.path == "slack/events"]
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
    """A18: repeats one to three of an event are 200 within a second, and no event."""
    event = {"type": "app_mention", "user": "U1", "text": "hi", "channel": "C1"}
    body = slack.event_body({**event, "ts": "1770113700.1"}, "EvRepeated")
    assert receiver.hook(EVENTS, body).status == 200
    for number in range(1, 4):
        extra = {
            "X-Slack-Retry-Num": str(number),
            "X-Slack-Retry-Reason": "http_timeout",
        }
        began = time.monotonic()
        assert receiver.hook(EVENTS, body, extra=extra).status == 200
        assert time.monotonic() - began < 1
    assert len(receiver.gateway.events) == 1
    assert SECRET not in str(receiver.gateway.events)
