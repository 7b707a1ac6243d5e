"""What is posted in Slack is posted once, however often and by however many asked."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from connectors.events import Delivery, Later, TryAgain
from connectors.slack.alerts import SPIKE
from connectors.slack.outbound import say
from connectors.slack.posts import Wanted
from plugin_ui.doubles import slack
from tests.contract.rpc.conftest import Running
from tests.contract.rpc.slack_desktop import Desktop, desktop, raised

__all__ = ["desktop"]


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


def test_a_spike_is_reminded_of_as_it_is_shown(
    desktop: Desktop, running: Running
) -> None:
    """Thirty that wait are six cards, and each step of the ladder six reminders."""
    ids = raised(running, 30)
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
    ids = raised(running, 2 * SPIKE)
    desktop.deal_with("created", ids)
    desktop.deal_with("reminder_due", ids[SPIKE:], step=1, level=2)
    before = len(desktop.double.cards())
    late = raised(running, 1, later=timedelta(hours=2))
    desktop.deal_with("created", late)
    assert len(desktop.double.cards()) == before, "the spike is over"
    desktop.deal_with("reminder_due", late, step=1, level=2)
    assert len(desktop.double.cards()) == before + 1
