"""The Slack connector's parts over a real sidecar and a double of Slack."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from connectors.desk import Desk
from connectors.events import Credentials, Delivery, Later, Mode
from connectors.slack.alerts import REDRAW, Alerts
from connectors.slack.api import SlackApi
from connectors.slack.requests import Requests
from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.client import SidecarClient
from sidecar.v1 import access_pb2
from tests.contract.rpc.conftest import Running
from tests.contract.store import samples

ANA = "U061F7AUR"
_numbers = itertools.count(1)


class MovedClock:
    """Stands still until it is moved."""

    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at


@dataclass(slots=True)
class Desktop:
    """A connector's parts over a real sidecar, and a double of Slack."""

    double: SlackDouble
    client: SidecarClient
    clock: MovedClock

    def requests(self) -> Requests:
        """Return what a new process would work with."""
        api = SlackApi(
            Credentials("slack", "default", Mode.SUGGEST, self.double.settings)
        )
        desk = Desk(self.client, "slack", "default")
        alerts = Alerts(desk, api, self.clock, slack.CHANNEL)
        return Requests(desk, api, alerts, slack.TEAM, lambda: False)

    def asked(self, text: str, kind: str = "app_mention", thread: str = "") -> Delivery:
        """Let Ana say something and return its delivery."""
        said = self.double.say(ANA, text, thread)
        payload = {**said, "kind": kind, "channel": slack.CHANNEL}
        return Delivery(f"evt_{next(_numbers)}", "slack.message", payload)

    def deal_with(self, kind: str, ids: list[str], **facts: int) -> None:
        """Deal with an event of each escalation, putting off what shall wait."""
        alerts = self.requests().alerts
        deal = alerts.remind if kind == "reminder_due" else alerts.show
        waiting = [
            Delivery(
                f"evt_{next(_numbers)}",
                f"escalation.{kind}",
                {"escalation_id": own_id, **facts},
                occurred_at=self.clock.now(),
            )
            for own_id in ids
        ]
        while waiting:
            delivery = waiting.pop(0)
            try:
                deal(delivery)
            except Later:
                waiting.append(delivery)
                self.clock.at += REDRAW

    def replies(self, delivery: Delivery) -> int:
        """Return how many answers stand in the thread of a message."""
        given = delivery.payload
        root = str(given.get("thread_ts") or given["ts"])
        return len(self.double.replies(root))


@pytest.fixture
def desktop(running: Running) -> Iterator[Desktop]:
    """A double of its own for each test, and Ana a member of the team."""
    double = SlackDouble()
    double.count = next(_numbers) * 1000  # messages of their own in a shared house
    double.add_user(ANA, "ana@acme.example")
    with running.client() as admin:
        members = admin.access.ListMembers(access_pb2.ListMembersRequest()).members
        if "ana@acme.example" not in [m.email for m in members]:
            ana = access_pb2.Member(
                email="ana@acme.example", name="Ana", role=access_pb2.ROLE_AGENT
            )
            admin.access.CreateMember(access_pb2.CreateMemberRequest(member=ana))
    with running.client("service") as client:
        clock = MovedClock()
        clock.at += timedelta(hours=next(_numbers))  # no spike of another test's
        yield Desktop(double, client, clock)
    double.close()


def raised(running: Running, count: int, later: timedelta = timedelta(0)) -> list[str]:
    """Raise escalations, each of a ticket of its own."""
    found = []
    at = samples.AT + later
    with running.house.ports.store.transaction() as tx:
        for _ in range(count):
            ticket = tx.tickets.upsert("default", samples.ticket(f"r{next(_numbers)}"))
            item, _ = tx.escalations.open(
                "default", samples.escalation(ticket.id, id="", created_at=at)
            )
            found.append(item.id)
    return found
