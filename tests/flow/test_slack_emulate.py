"""The Slack connector against `emulate`, a double of Slack that is not ours."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from connectors.events import Credentials, GiveUp, Mode
from connectors.slack.api import Place, SlackApi
from connectors.slack.outbound import say
from plugin_ui.doubles import slack
from sidecar.client import SidecarClient
from sidecar.v1 import (
    access_pb2,
    assist_pb2,
    common_pb2,
    connector_pb2,
    escalation_pb2,
    knowledge_pb2,
    ticket_pb2,
)
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess
from tests.flow.slack_emulate import (
    BOT,
    BOT_TOKEN,
    EMAIL,
    SECRET,
    Emulate,
    manifest_scopes,
    running_emulate,
    token_without,
)
from tests.flow.slack_house import switch_on

T = TypeVar("T")
SECONDS = 20.0
ACKNOWLEDGED = escalation_pb2.ESCALATION_STATE_ACKNOWLEDGED


@pytest.fixture(scope="module")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulate]:
    """One Slack for this file."""
    with running_emulate(tmp_path_factory.mktemp("emulate")) as double:
        yield double


@dataclass(slots=True)
class House:
    """A sidecar and a connectors process, set up for emulate."""

    slack: Emulate
    sidecar: SidecarProcess
    client: SidecarClient
    connectors: ConnectorsProcess

    def hook(self, path: str, body: bytes, kind: str) -> int:
        """Send what Slack would send, which emulate does not."""
        headers = slack.signed_headers(SECRET, body, time.time())
        headers["Content-Type"] = kind
        return self.connectors.ask("POST", f"/hooks/default/{path}", body, headers)[0]

    def event(self, event: dict[str, Any], kind: str) -> int:
        """Tell of a message; ``kind`` is the event's type."""
        body = slack.event_body({**event, "type": kind}, f"Ev{uuid.uuid4().hex}")
        told = body.replace(slack.TEAM.encode(), self.slack.team.encode())
        return self.hook("slack/events", told, "application/json")

    def press(self, card: dict[str, Any], action: str) -> int:
        """Let Ana use a button of a card."""
        given = {"action_ts": f"{time.time():.6f}"}
        body = slack.pressed_body(self.slack.ana_id, card, action, **given)
        for old, new in (
            (slack.TEAM, self.slack.team),
            (slack.CHANNEL, self.slack.channel),
        ):
            body = body.replace(old.encode(), new.encode())
        kind = "application/x-www-form-urlencoded"
        return self.hook("slack/interactivity", body, kind)

    def link_ana(self) -> None:
        """Link her as the connector does where Slack has confirmed her address."""
        account = common_pb2.ExternalAccount(
            connector="slack", team_id=self.slack.team, user_id=self.slack.ana_id
        )
        key = self.sidecar.key("connectors")
        with SidecarClient(self.sidecar.address, key) as connectors:
            connectors.access.LinkAccount(
                access_pb2.LinkAccountRequest(account=account, verified_email=EMAIL)
            )

    def escalate(self, subject: str) -> str:
        """Let a ticket need somebody and return the escalation's id."""
        ticket = ticket_pb2.Ticket(
            connector="api", external_id=uuid.uuid4().hex[:12], subject=subject
        )
        request = assist_pb2.EscalateRequest(
            request_id=uuid.uuid4().hex, ticket=ticket, level=2, reason="Down for all"
        )
        raised = self.client.assist.Escalate(request).escalation
        return str(raised.escalation_id)

    def state(self, own_id: str) -> int:
        """Return how an escalation stands."""
        request = escalation_pb2.GetEscalationRequest(escalation_id=own_id)
        found = self.client.escalations.GetEscalation(request)
        return int(found.escalation.state)

    def cards(self, own_id: str) -> list[dict[str, Any]]:
        """Return the messages about an escalation."""
        return [m for m in self.slack.messages() if own_id in str(m)]


def _until(ask: Callable[[], T]) -> T:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


@pytest.fixture(scope="module")
def house(
    emulate: Emulate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Everything running, with one member of the team and one article."""
    data = tmp_path_factory.mktemp("house") / "data"
    settings = {"DESKSIDE_ALLOW_TEST_HOSTS": "1", "DESKSIDE_EMBEDDER": "none"}
    sidecar = SidecarProcess(data, **settings)
    sidecar.start()
    connectors = ConnectorsProcess(data, sidecar.address, "slack")
    try:
        sidecar.wait_until_serving()
        with sidecar.client() as client:
            _set_up(client, emulate)
            connectors.start()
            yield House(emulate, sidecar, client, connectors)
            assert connectors.stop() == 0, connectors.said()
    finally:
        sidecar.stop()


def _set_up(client: SidecarClient, double: Emulate) -> None:
    switch_on(client, double.settings, EMAIL)
    text = (
        b"# How do I reset my password?\n\nTo reset your password, open Settings,"
        b" choose Security and press Reset password.\n"
    )
    header = knowledge_pb2.AddDocumentHeader(
        file_name="reset.md",
        source="handbook",
        title="Reset a password",
        source_url="https://help.acme.example/reset",
        visibility=common_pb2.VISIBILITY_PUBLIC,
    )
    client.upload(text, header)


def _api(emulate: Emulate, token: str = BOT_TOKEN) -> SlackApi:
    settings = {**emulate.settings, "bot_token": token}
    return SlackApi(Credentials("slack", "default", Mode.SUGGEST, settings))


def test_a_post_is_found_by_its_mark_and_drawn_anew(emulate: Emulate) -> None:
    """Post, look for the mark, change in place, answer in its thread."""
    api = _api(emulate)
    assert api.who_am_i()["team_id"] == emulate.team
    mark = uuid.uuid4().hex
    assert api.find(emulate.channel, mark) is None
    place = api.post(emulate.channel, say("Something is down"), mark)
    assert api.find(emulate.channel, mark) == place
    api.update(place, say("It is up again"))
    (seen,) = [m for m in emulate.messages() if m["ts"] == place.ts]
    assert seen["text"] == "It is up again"
    assert "up again" in str(seen["blocks"])
    reply = api.post(emulate.channel, say("Thank you"), f"{mark}-2", place.ts)
    assert api.find(emulate.channel, f"{mark}-2", place.ts) == reply
    assert [m["text"] for m in api.thread(place, 12)] == ["It is up again", "Thank you"]


def test_only_a_confirmed_address_says_who_somebody_is(emulate: Emulate) -> None:
    """Emulate tells an address without saying that it is confirmed: it counts not."""
    person = _api(emulate).person(emulate.ana_id)
    assert person.team_id == emulate.team
    assert person.email == ""
    assert not person.is_guest


def test_a_whisper_and_a_commands_answer_arrive(emulate: Emulate) -> None:
    """What one person sees, and what a command's address takes."""
    api = _api(emulate)
    api.whisper(emulate.channel, emulate.ana_id, "Only for you, Ana")
    assert "Only for you, Ana" in emulate.page("messages")
    assert "Only for you, Ana" not in str(emulate.messages())
    api.respond(emulate.response_url(), say("An answer to a command"))
    assert "An answer to a command" in str(emulate.messages())


def test_slacks_refusals_have_their_reasons(emulate: Emulate) -> None:
    """A channel, a message and a person that are not there: given up, with why."""
    api = _api(emulate)
    with pytest.raises(GiveUp) as no_channel:
        api.post("C0NOWHERE", say("Hello"), "m")
    assert no_channel.value.reason == "SLACK_CHANNEL_NOT_FOUND"
    with pytest.raises(GiveUp) as no_message:
        api.update(Place(emulate.channel, "1.000001"), say("Hello"))
    assert no_message.value.reason == "SLACK_MESSAGE_NOT_FOUND"
    with pytest.raises(GiveUp) as nobody:
        api.person("U0NOBODY")
    assert nobody.value.reason == "SLACK_USER_NOT_FOUND"


@pytest.mark.parametrize(
    ("scope", "call"),
    [
        ("chat:write", lambda a, e: a.post(e.channel, say("Hello"), "m")),
        ("chat:write", lambda a, e: a.whisper(e.channel, e.ana_id, "Hello")),
        ("channels:history", lambda a, e: a.find(e.channel, "m")),
        ("users:read", lambda a, e: a.person(e.ana_id)),
    ],
    ids=["post", "whisper", "find", "person"],
)
def test_a_scope_of_the_manifest_is_needed(
    emulate: Emulate, scope: str, call: Callable[[SlackApi, Emulate], object]
) -> None:
    """With the manifest's scopes it works; without this one Slack refuses."""
    assert scope in manifest_scopes()
    call(_api(emulate), emulate)
    with pytest.raises(GiveUp) as refused:
        call(_api(emulate, token_without(scope)), emulate)
    assert refused.value.reason == "SLACK_MISSING_SCOPE"


def test_a_card_travels_to_slack_and_back(house: House) -> None:
    """One card, drawn anew when a linked member acknowledges; a stranger may not."""
    own_id = house.escalate("Production is down")
    (card,) = _until(lambda: house.cards(own_id))
    assert card["user"] == BOT
    assert house.press(card, "esc_ack") == 200
    _until(lambda: "administrator" in house.slack.page("messages"))
    assert house.state(own_id) == escalation_pb2.ESCALATION_STATE_OPEN
    house.link_ana()
    assert house.press(card, "esc_ack") == 200
    _until(lambda: "acknowledged by Ana Agent" in str(house.cards(own_id)))
    assert house.state(own_id) == ACKNOWLEDGED
    (now,) = house.cards(own_id)
    assert now["ts"] == card["ts"]
    assert "esc_ack" not in str(now["blocks"])


def test_a_question_is_answered_in_its_thread(house: House) -> None:
    """A mention gets one answer with its source, the next turn another one."""
    house.link_ana()
    asked = house.slack.say(f"<@{BOT}> how do I reset my password?")
    assert house.event(asked, "app_mention") == 200
    _until(lambda: len(house.slack.thread(asked["ts"])) == 2)
    answer = house.slack.thread(asked["ts"])[1]
    assert "press Reset password" in str(answer["blocks"])
    assert "https://help.acme.example/reset" in str(answer["blocks"])
    more = house.slack.say("and where is Security?", asked["ts"])
    assert house.event({**more, "channel_type": "channel"}, "message") == 200
    _until(lambda: len(house.slack.thread(asked["ts"])) == 4)


def test_a_command_is_answered_where_it_was_given(house: House) -> None:
    """`/deskside ask` is answered at the address that came with it."""
    house.link_ana()
    text, url = "ask how do I reset my password?", house.slack.response_url()
    body = slack.command_body(house.slack.ana_id, text, uuid.uuid4().hex, url)
    told = body.replace(slack.TEAM.encode(), house.slack.team.encode())
    kind = "application/x-www-form-urlencoded"
    assert house.hook("slack/commands", told, kind) == 200
    _until(lambda: "From the knowledge base" in str(house.slack.messages()))


def test_the_connection_test_finds_nothing_wrong(house: House) -> None:
    """Token, team and channel, with no more than the manifest's scopes."""
    request = connector_pb2.TestConnectorRequest(connector="slack")
    found = house.client.connectors.TestConnector(request)
    assert found.ok, found
    assert {"credentials", "team", "channel"} <= {c.name for c in found.checks}
