"""A limit of Slack is of a method and a channel: no other call waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.events import Credentials, Later, Mode
from connectors.slack.api import SlackApi
from connectors.slack.cards import Card
from plugin_ui.doubles.slack import CHANNEL, SlackDouble

CARD = Card("Down for all", ())


class MovedClock:
    """Stands still until it is moved."""

    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    """Slack with one person in it and a second channel."""
    running = SlackDouble()
    running.add_user("U1", "ana@acme.example")
    running.messages["C0ELSE"] = []
    yield running
    running.close()


def test_nothing_is_posted_into_a_limit(double: SlackDouble) -> None:
    """After a 429 nothing is posted there until its time; all else goes on."""
    clock = MovedClock()
    known = Credentials("slack", "default", Mode.SUGGEST, double.settings)
    api = SlackApi(known, clock)
    double.fail("status", path="chat.postMessage", status=429, retry_after="30")
    waits = []
    for _ in range(3):
        with pytest.raises(Later) as limited:
            api.post(CHANNEL, CARD, "mark")
        waits.append(limited.value.retry_after)
        clock.at += timedelta(seconds=10)
    assert waits == [30, 20, 10]
    assert double.messages[CHANNEL] == []
    place = api.post(CHANNEL, CARD, "mark")
    double.fail("status", path="chat.postMessage", status=429, retry_after="30")
    with pytest.raises(Later):
        api.post(CHANNEL, CARD, "second")
    api.post("C0ELSE", CARD, "elsewhere")
    api.update(place, CARD)
    assert api.find(CHANNEL, "mark") == place
    assert api.person("U1").email == "ana@acme.example"
