"""A refusal that stops Slack's connector is said, until that very thing works again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.events import Credentials, GiveUp, Mode
from connectors.slack.api import Place, SlackApi
from connectors.slack.cards import Card
from plugin_ui.doubles.slack import CHANNEL, SlackDouble

CARD = Card("Down for all", ())
STOPPING = (
    *("not_in_channel", "channel_not_found", "is_archived", "restricted_action"),
    *("invalid_auth", "account_inactive", "token_revoked", "missing_scope"),
)


class Refusing(SlackDouble):
    """A double that refuses to post for a reason, while there is one."""

    word = ""

    def answer(self, method: str, body: object) -> dict[str, object]:
        """Refuse posts; do what else there is."""
        if self.word and method == "chat.postMessage":
            return {"ok": False, "error": self.word}
        return super().answer(method, body)  # type: ignore[arg-type]  # as it came


@pytest.fixture
def double() -> Iterator[Refusing]:
    """Slack with one person in it and a second channel."""
    running = Refusing()
    running.add_user("U1", "ana@acme.example")
    running.messages["C0ELSE"] = []
    yield running
    running.close()


@pytest.fixture
def api(double: Refusing) -> SlackApi:
    """Our client, as set up for that Slack."""
    return SlackApi(Credentials("slack", "default", Mode.SUGGEST, double.settings))


def _refused(api: SlackApi, channel: str = CHANNEL) -> None:
    with pytest.raises(GiveUp):
        api.post(channel, CARD, "mark")


@pytest.mark.parametrize("word", STOPPING)
def test_what_no_repetition_mends_is_failing(
    double: Refusing, api: SlackApi, word: str
) -> None:
    """Each is failing with what to do; a message that gets through ends it."""
    double.word = word
    _refused(api)
    assert api.health.failing
    assert api.health.message
    double.word = ""
    api.post(CHANNEL, CARD, "mark")
    assert (api.health.failing, api.health.message) == (False, "")


def test_looking_somebody_up_does_not_open_a_channel(
    double: Refusing, api: SlackApi
) -> None:
    """An archived channel stays failing though people, threads and history work."""
    place = api.post(CHANNEL, CARD, "first")
    double.word = "is_archived"
    _refused(api)
    said = api.health.message
    api.person("U1")
    api.who_am_i()
    api.find(CHANNEL, "mark")
    api.thread(place, 5)
    api.update(place, CARD)
    assert (api.health.failing, api.health.message) == (True, said)


def test_an_invitation_is_seen_when_the_channel_is_read(
    double: Refusing, api: SlackApi
) -> None:
    """Who was not in the channel and can read it now is in it."""
    double.word = "not_in_channel"
    _refused(api)
    api.find(CHANNEL, "connection test")
    assert not api.health.failing


def test_trouble_elsewhere_does_not_fail_the_connector(
    double: Refusing, api: SlackApi
) -> None:
    """A channel nobody alerts in, and a message that is gone, are that call's alone."""
    double.word = "is_archived"
    _refused(api, "C0ELSE")
    assert not api.health.failing
    double.word = ""
    with pytest.raises(GiveUp):
        api.update(Place(CHANNEL, "1.1"), CARD)
    assert not api.health.failing


def test_a_missing_permission_stays_until_it_is_given(
    double: Refusing, api: SlackApi
) -> None:
    """A method without its permission fails whatever else works."""
    double.word = "missing_scope"
    _refused(api)
    api.person("U1")
    assert api.health.failing
    assert "permission" in api.health.message
