"""A sidecar, a connectors process and a double of Slack that tells of every message."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

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
    policy_pb2,
    ticket_pb2,
)
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess

T = TypeVar("T")
SECONDS = 20.0
ANA, EVE = "U061F7AUR", "U0EVE"
FORM = "application/x-www-form-urlencoded"


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
        assert self.hook("slack/interactivity", body, FORM) == 200

    def command(self, user: str, text: str) -> dict[str, Any]:
        """Let a person give a command and return the answer."""
        before = len(self.slack.answers)
        url = f"{self.slack.address}/commands/1"
        body = slack.command_body(user, text, uuid.uuid4().hex, url)
        assert self.hook("slack/commands", body, FORM) == 200
        return until(lambda: self.slack.answers[before:])[0]

    def card_of(self, escalation: escalation_pb2.Escalation) -> dict[str, Any]:
        """Return the one card of an escalation."""
        own_id = escalation.escalation_id
        found = until(lambda: [c for c in self.slack.cards() if own_id in str(c)])
        assert len(found) == 1
        return copy.deepcopy(found[0])  # as seen now: the double draws it anew

    def paused(self, *, on: bool) -> None:
        """Let an administrator stop all writing, or let it go on."""
        request = policy_pb2.UpdateFeatureFlagsRequest(flags={"writing_paused": on})
        self.client.policies.UpdateFeatureFlags(request)
        time.sleep(0.5)

    def mode(self, mode: str) -> None:
        """Change the connector's mode and wait until the process surely knows."""
        request = connector_pb2.SaveConnectorRequest(
            connector="slack",
            mode=connector_pb2.ConnectorMode.Value(f"CONNECTOR_MODE_{mode}"),
        )
        self.client.connectors.SaveConnector(request)
        time.sleep(2.5)

    def kept(self, key: str) -> bool:
        """Say whether the place of a card is kept."""
        own_key = self.sidecar.key("connectors")
        with SidecarClient(self.sidecar.address, own_key) as connectors:
            request = connector_pb2.GetConnectorRecordRequest(
                connector="slack", key=key
            )
            value = connectors.connectors.GetConnectorRecord(request).record.value
        return b'"ts"' in value or b'"group"' in value

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


@contextmanager
def slack_in(folder: Path) -> Iterator[House]:
    """Lend everything running; each test makes its own tickets."""
    double = SlackDouble()
    double.add_user(ANA, "ana@acme.example")
    double.add_user(EVE, "eve@elsewhere.example")
    sidecar = SidecarProcess(folder / "data", DESKSIDE_ALLOW_TEST_HOSTS="1")
    sidecar.start()
    connectors = ConnectorsProcess(folder / "data", sidecar.address, "slack")
    double.subscribe(f"http://127.0.0.1:{connectors.port}/hooks/default/slack/events")
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


def switch_on(client: SidecarClient, settings: dict[str, str], email: str) -> None:
    """Let Slack suggest with these settings, and one agent belong to the team."""
    client.connectors.SaveConnector(
        connector_pb2.SaveConnectorRequest(
            connector="slack",
            mode=connector_pb2.CONNECTOR_MODE_SUGGEST,
            settings=settings,
        )
    )
    ana = access_pb2.Member(email=email, name="Ana Agent", role=access_pb2.ROLE_AGENT)
    client.access.CreateMember(access_pb2.CreateMemberRequest(member=ana))


def _set_up(client: SidecarClient, double: SlackDouble) -> None:
    # In another case than at Slack: it is the same person.
    switch_on(client, double.settings, "Ana@acme.example")
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
