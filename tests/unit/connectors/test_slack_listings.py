"""Slack lists messages by pages: what is wanted may stand on a later one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.events import Credentials, Mode
from connectors.slack.api import SlackApi
from connectors.slack.cards import Card
from plugin_ui.doubles.slack import CHANNEL, SlackDouble

PAGE = 200


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    """Slack with one person in it."""
    running = SlackDouble()
    running.add_user("U1", "ana@acme.example")
    yield running
    running.close()


@pytest.fixture
def api(double: SlackDouble) -> SlackApi:
    """What speaks to it."""
    return SlackApi(Credentials("slack", "default", Mode.SUGGEST, double.settings))


def test_the_newest_turns_of_a_long_thread_are_read(
    double: SlackDouble, api: SlackApi
) -> None:
    """Two pages into a thread the last words are still the last words."""
    place = api.post(CHANNEL, Card("How can I help?", ()), "root")
    for number in range(2 * PAGE + 50):
        double.say("U1", f"word {number}", place.ts)
    newest = [str(m["text"]) for m in api.thread(place, 3)]
    assert newest == [f"word {2 * PAGE + at}" for at in (47, 48, 49)]


def test_a_mark_is_found_behind_many_later_messages(
    double: SlackDouble, api: SlackApi
) -> None:
    """A busy channel does not make us post again."""
    place = api.post(CHANNEL, Card("Down for all", ()), "card")
    for number in range(PAGE + 50):
        double.say("U1", f"word {number}")
    assert api.find(CHANNEL, "card") == place
    assert api.find(CHANNEL, "another") is None
