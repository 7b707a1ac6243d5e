"""What is posted in Slack is posted once, however often and by however many asked."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from connectors.desk import Desk
from connectors.events import Credentials, Delivery, Later, Mode, TryAgain
from connectors.slack.alerts import REDRAW, SPIKE, Alerts
from connectors.slack.api import SlackApi
from connectors.slack.outbound import say
from connectors.slack.posts import Wanted
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


def test_an_answer_nobody_noted_is_found_and_not_repeated(desktop: Desktop) -> None:
    """Posted, then silence, and the attempt was taken back: it is looked for."""
    asked = desktop.asked("<@U0LAN0Z89> help")
    desktop.double.fail("cut", path="chat.postMessage")
    with pytest.raises(TryAgain):
        desktop.requests().message(asked)
    done = desktop.requests().message(asked)
    assert asked.attempt == 1
    assert desktop.replies(asked) == 1
    assert done["outcome"] == "answered before"
    again = desktop.asked("and more?", "message", str(asked.payload["ts"]))
    assert desktop.requests().message(again).get("ts"), "the thread is not ours"


def test_a_mention_told_twice_is_answered_once(desktop: Desktop) -> None:
    """Slack tells of it under two identifiers, and the second need not say of whom."""
    opened = desktop.asked("<@U0LAN0Z89> help")
    desktop.requests().message(opened)
    root = str(opened.payload["ts"])
    mention = desktop.asked("<@U0LAN0Z89> help me", "app_mention", root)
    plain = replace(
        mention, event_id="evt_other", payload={**mention.payload, "kind": "message"}
    )
    for delivery in (mention, plain, mention):
        desktop.requests().message(delivery)
    assert desktop.replies(opened) == 2


def test_two_that_want_the_same_post_make_one(desktop: Desktop) -> None:
    """Whoever comes while another is at it waits; what that one left is taken over."""
    first = desktop.asked("<@U0LAN0Z89> help")
    second = replace(first, event_id="evt_second")
    desktop.double.fail("cut", path="chat.postMessage")
    with pytest.raises(TryAgain):
        desktop.requests().message(first)
    with pytest.raises(Later):
        desktop.requests().message(second)
    desktop.clock.at += timedelta(minutes=1)
    desktop.requests().message(second)
    desktop.requests().message(first)
    assert desktop.replies(first) == 1


def test_many_at_the_same_moment_make_one_post(desktop: Desktop) -> None:
    """Six hands draw a shared card for the first time while Slack is slow to answer."""
    desktop.double.fail("late", path="chat.postMessage", seconds=0.5)
    posts = desktop.requests().alerts.posts
    together = Barrier(6)

    def draw(number: int) -> str:
        delivery = Delivery(f"evt_hand{number}", "escalation.created", {})
        wanted = Wanted("group-card:one", "one", slack.CHANNEL, delivery)
        together.wait()
        for _ in range(100):
            try:
                return posts.once(wanted, lambda: say("Many wait"))[0].ts
            except TryAgain:  # another is about to, or has just begun to
                time.sleep(0.05)
        raise AssertionError("it never ended")

    with ThreadPoolExecutor(6) as hands:
        places = set(hands.map(draw, range(6)))
    assert [card["ts"] for card in desktop.double.cards()] == list(places)


def test_a_picture_without_a_word_is_no_question(desktop: Desktop) -> None:
    """In a thread of ours it goes by; sent to us alone it is told how to ask."""
    opened = desktop.asked("<@U0LAN0Z89> help")
    desktop.requests().message(opened)
    picture = desktop.asked("", "message", str(opened.payload["ts"]))
    assert "skipped" in desktop.requests().message(picture)
    alone = desktop.asked("", "message")
    direct = replace(alone, payload={**alone.payload, "channel_type": "im"})
    desktop.requests().message(direct)
    assert desktop.replies(opened) == desktop.replies(direct) == 1


def _raised(running: Running, count: int, later: timedelta = timedelta(0)) -> list[str]:
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


def test_a_spike_is_reminded_of_as_it_is_shown(
    desktop: Desktop, running: Running
) -> None:
    """Thirty that wait are six cards, and each step of the ladder six reminders."""
    ids = _raised(running, 30)
    desktop.deal_with("created", ids)
    assert len(desktop.double.cards()) == SPIKE + 1
    for step in (1, 2):
        desktop.clock.at += timedelta(minutes=15)
        desktop.deal_with("reminder_due", ids, step=step, level=step + 1)
        assert len(desktop.double.cards()) == (SPIKE + 1) * (step + 1)
        shared = json.dumps(desktop.double.cards()[-1])
        assert f"{len(ids) - SPIKE} escalations" in shared


def test_who_joins_a_long_spike_late_is_reminded_of_as_well(
    desktop: Desktop, running: Running
) -> None:
    """What came hours after a group's first reminder was not in it."""
    ids = _raised(running, 2 * SPIKE)
    desktop.deal_with("created", ids)
    desktop.deal_with("reminder_due", ids[SPIKE:], step=1, level=2)
    before = len(desktop.double.cards())
    late = _raised(running, 1, later=timedelta(hours=2))
    desktop.deal_with("created", late)
    assert len(desktop.double.cards()) == before, "the spike is over"
    desktop.deal_with("reminder_due", late, step=1, level=2)
    assert len(desktop.double.cards()) == before + 1
