"""Which of Slack's messages are for us, and which only go by."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.events import Credentials, HookRequest, Mode, Received
from connectors.slack.inbound import HOOKS
from plugin_ui.doubles import slack

NOW = datetime.fromtimestamp(1_770_113_730, UTC)
BY_PATH = {hook.path: hook for hook in HOOKS}
MENTION = f"<@{slack.BOT_USER}> how do I reset my password?"
NAMED = f"<@{slack.BOT_USER}|deskside> how do I reset my password?"


def _received(path: str, body: bytes, mode: Mode = Mode.SUGGEST) -> Received:
    settings = {"signing_secret": "x" * 32, "team_id": slack.TEAM}
    headers = slack.signed_headers("x" * 32, body, NOW.timestamp())
    given = {name.lower(): value for name, value in headers.items()}
    hook = BY_PATH[path]
    request = HookRequest(body, given, hook.content_types[0])
    return hook.receive(request, Credentials("slack", "default", mode, settings), NOW)


def _kinds(text: str, channel: str = slack.CHANNEL, **given: Any) -> list[str]:
    """Return the kinds of the events stored for a message as Slack tells of it."""
    message = {"type": "message", "user": "U1", "text": text, "ts": "1.2", **given}
    found = []
    for number, event in enumerate(slack.events_of(message, channel)):
        body = slack.event_body(event, f"Ev{number}")
        stored = _received("slack/events", body).events
        found += [str(event.payload["kind"]) for event in stored]
    return found


@pytest.mark.parametrize("text", [MENTION, NAMED])
@pytest.mark.parametrize("given", [{}, {"thread_ts": "1.1"}])
def test_a_mention_is_stored_as_the_mention_alone(
    text: str, given: dict[str, str]
) -> None:
    """Slack tells of it as a plain message as well, which is let go."""
    assert _kinds(text, **given) == ["app_mention"]


def test_in_a_direct_message_a_mention_is_told_of_once() -> None:
    """Slack sends no `app_mention` there, so the message counts."""
    assert _kinds(MENTION, channel="D0ANA") == ["message"]


def test_a_mention_of_somebody_else_is_a_turn_of_the_thread() -> None:
    """Only the app's own mention comes a second time."""
    assert _kinds("<@U0OTHER> do you know?", thread_ts="1.1") == ["message"]


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_words_beside_a_file_or_sent_to_the_channel_too_are_read(subtype: str) -> None:
    """A screenshot in a direct message, an answer also sent to the channel."""
    given = {"subtype": subtype, "thread_ts": "1.1"}
    assert _kinds("what does this mean?", channel="D0ANA", **given) == ["message"]
    assert _kinds("what does this mean?", **given) == ["message"]
    assert _kinds(MENTION, **given) == ["app_mention"]


@pytest.mark.parametrize(
    "subtype", ["message_changed", "message_deleted", "channel_join", "bot_message"]
)
def test_what_is_no_new_word_of_a_person_goes_by(subtype: str) -> None:
    """Edits, deletions and what Slack itself says start nothing."""
    assert _kinds("hello", thread_ts="1.1", subtype=subtype) == []


def test_our_own_words_and_other_bots_go_by() -> None:
    """What the app posted is told to it as well: there the loop ends."""
    own = {"user": slack.BOT_USER, "bot_id": slack.BOT_ID, "thread_ts": "1.1"}
    assert _kinds("An answer", **own) == []
    assert _kinds("An answer", bot_id="B0OTHER", thread_ts="1.1") == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Mode.SUGGEST, "One moment"),
        (Mode.AUTOMATE, "One moment"),
        (Mode.SHADOW, "only watches"),
        (Mode.OFF, "switched off"),
    ],
)
def test_a_command_is_promised_only_what_will_come(mode: Mode, said: str) -> None:
    """Where nothing is written, the first word is also the last: it says why."""
    body = slack.command_body("U1", "ask how", "1.2.3")
    answer = json.loads(_received("slack/commands", body, mode).reply.body)
    assert said in answer["text"]
    assert answer["response_type"] == "ephemeral"
