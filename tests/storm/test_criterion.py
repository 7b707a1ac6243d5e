"""What the storm calls broken is what docs/reliability.md promises, and no less."""

from __future__ import annotations

from typing import Any

import pytest

from plugin_ui.doubles.slack import CHANNEL, SlackDouble
from tests.storm import count
from tests.storm.run import broken


def result(kills: dict[str, int], **slack: int) -> dict[str, Any]:
    """Return the ledger of a storm in which only Slack's messages may be too many."""
    nothing = dict.fromkeys(
        (
            *("lost", "unexpected", "stored_twice", "not_done", "dead", "doubled"),
            *("classified_twice", "escalated_twice"),
        ),
        0,
    )
    return {
        "kills": kills,
        "drained": True,
        "exit_statuses": [0, 0],
        "ended_by_themselves": [],
        "inside": nothing,
        "zendesk": nothing,
        "slack": nothing | {"most": 1} | slack,
    }


@pytest.mark.parametrize(
    ("kills", "slack", "words"),
    [
        ({"connectors": 3, "sidecar": 2}, {"doubled": 3, "most": 2}, ""),
        ({"connectors": 3, "sidecar": 9}, {"doubled": 4, "most": 2}, "doubled = 4"),
        ({"sidecar": 9, "database": 4}, {"doubled": 1, "most": 2}, "doubled = 1"),
        ({"connectors": 9}, {"doubled": 2, "most": 3}, "came 3 times"),
    ],
)
def test_slack_may_repeat_once_for_a_kill_of_a_sender(
    kills: dict[str, int], slack: dict[str, int], words: str
) -> None:
    """Kills of others excuse nothing, and none a message that came three times."""
    wrong = broken(result(kills, **slack))
    assert len(wrong) == (1 if words else 0), wrong
    assert words in "".join(wrong)


def test_how_often_a_message_came_is_counted_by_its_mark() -> None:
    """Two too many of one are told from one too many of two."""
    double = SlackDouble()
    try:
        for mark in ("a", "a", "a", "b"):
            double.post(
                {"channel": CHANNEL, "metadata": {"event_payload": {"mark": mark}}}
            )
        found = count.at_slack(double, [])
    finally:
        double.close()
    assert (found["messages"], found["doubled"], found["most"]) == (4, 2, 3)
