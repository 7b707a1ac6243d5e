"""A card that can be drawn no more silences nobody, and a press may come twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.events import Credentials, Delivery, Mode, TryAgain
from connectors.slack.connector import SlackConnector
from plugin_ui.doubles import slack
from sidecar.v1 import access_pb2, escalation_pb2
from tests.contract.rpc.conftest import Running
from tests.contract.rpc.slack_desktop import ANA, Desktop, desktop, raised

__all__ = ["desktop"]


def test_a_deleted_card_comes_back_and_reminders_go_on(
    desktop: Desktop, running: Running
) -> None:
    """Somebody deletes the card in Slack: each step of the ladder is still heard."""
    [own_id] = raised(running, 1)
    desktop.deal_with("created", [own_id])
    cards = desktop.double.messages[slack.CHANNEL]
    cards.remove(desktop.double.cards()[-1])
    for step in (1, 2):
        before = len(desktop.double.cards())
        desktop.deal_with("reminder_due", [own_id], step=step, level=step + 1)
        # At the first step the card as well.
        assert len(desktop.double.cards()) == before + (2 if step == 1 else 1)


def test_alerts_follow_to_another_channel(desktop: Desktop, running: Running) -> None:
    """The app has left the old channel: card and reminder stand in the new one."""
    [own_id] = raised(running, 1)
    desktop.deal_with("created", [own_id])
    del desktop.double.messages[slack.CHANNEL]
    desktop.double.messages["C_NEW"] = []
    alerts = replace(desktop.requests().alerts, channel="C_NEW")
    given = {"escalation_id": own_id, "step": 1}
    done = alerts.remind(Delivery(f"evt_{own_id}", "escalation.reminder_due", given))
    assert done["channel"] == "C_NEW"
    assert len(desktop.double.messages["C_NEW"]) == 2


def test_a_resolved_escalation_needs_no_new_card(
    desktop: Desktop, running: Running
) -> None:
    """Who deleted the card of a matter that is closed now is not shown it again."""
    [own_id] = raised(running, 1)
    desktop.deal_with("created", [own_id])
    _press(desktop, own_id, "esc_resolve")
    cards = desktop.double.messages[slack.CHANNEL]
    cards.clear()
    desktop.deal_with("resolved", [own_id])
    assert cards == []


@pytest.mark.parametrize("action", ["esc_ack", "esc_assign", "esc_resolve"])
def test_a_press_delivered_twice_is_done_once(
    desktop: Desktop, running: Running, action: str
) -> None:
    """The worker died before it could say so: nobody is told they came too late."""
    [own_id] = raised(running, 1)
    assert _press(desktop, own_id, action) == "done"
    once = desktop.requests().desk.escalation(own_id)
    assert _press(desktop, own_id, action) == "done"
    assert desktop.requests().desk.escalation(own_id) == once
    assert desktop.double.whispers == []


def test_somebody_else_is_still_faster(desktop: Desktop, running: Running) -> None:
    """A second member who acknowledges is told who was first."""
    desktop.double.add_user("U_EVE", "eve@acme.example")
    with running.client() as admin:
        eve = access_pb2.Member(
            email="eve@acme.example", name="Eve", role=access_pb2.ROLE_AGENT
        )
        admin.access.CreateMember(access_pb2.CreateMemberRequest(member=eve))
    [own_id] = raised(running, 1)
    assert _press(desktop, own_id, "esc_ack") == "done"
    told = _press(desktop, own_id, "esc_ack", user="U_EVE")
    assert told.startswith("Somebody was faster: it is acknowledged by Ana")


def test_a_level_that_rises_meanwhile_does_not_lose_the_press(
    desktop: Desktop, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a rule changed between reading and writing is read again."""
    [own_id] = raised(running, 1)
    requests = desktop.requests()
    read = requests.desk.escalation
    stale = read(own_id)
    assert stale is not None
    stale.etag = "another"
    answers = [stale]
    monkeypatch.setattr(
        type(requests.desk),
        "escalation",
        lambda _desk, asked: answers.pop() if answers else read(asked),
    )
    given = {"user": ANA, "action": "esc_ack", "value": own_id}
    done = requests.action(Delivery(f"evt_{own_id}", "slack.action", given))
    assert done["outcome"] == "done"
    found = read(own_id)
    assert found is not None
    assert found.state == escalation_pb2.ESCALATION_STATE_ACKNOWLEDGED


def test_a_slack_that_cannot_be_reached_is_noticed_without_an_event(
    desktop: Desktop,
) -> None:
    """The poll asks who the token is: else "works" would be said of any settings."""
    known = Credentials("slack", "default", Mode.SUGGEST, desktop.double.settings)
    desk = desktop.requests().desk
    SlackConnector().open(known, desk, desktop.clock).poll()
    assert desktop.double.ledger[-1].method == "auth.test"
    nowhere = {**desktop.double.settings, "base_url": "http://127.0.0.1:9/"}
    away = Credentials("slack", "default", Mode.SUGGEST, nowhere)
    with pytest.raises(TryAgain):
        SlackConnector().open(away, desk, desktop.clock).poll()


def _press(desktop: Desktop, own_id: str, action: str, user: str = ANA) -> str:
    given = {"user": user, "action": action, "value": own_id, "chosen_user": user}
    event_id = f"evt_{own_id}_{action}_{user}"
    payload = given | {"channel": slack.CHANNEL}
    done = desktop.requests().action(Delivery(event_id, "slack.action", payload))
    return str(done["outcome"])
