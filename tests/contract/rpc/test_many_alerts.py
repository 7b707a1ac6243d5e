"""A thousand alerts at once, as one hostile ticket might cause: Slack hears of few."""

from __future__ import annotations

import json
from collections import Counter, deque
from datetime import UTC, datetime

import pytest

from connectors.desk import Desk
from connectors.events import Credentials, Delivery, Later, Mode
from connectors.slack.alerts import REDRAW, SPIKE, Alerts
from connectors.slack.api import SlackApi
from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.client import SidecarClient
from sidecar.v1 import escalation_pb2 as pb
from tests.contract.rpc.conftest import Running
from tests.contract.store import samples

ALERTS = 1_000
GROUPS = -(-(ALERTS - SPIKE) // 200)


class MovedClock:
    """Stands still until it is moved."""

    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at


def _escalations(running: Running) -> list[str]:
    found = []
    for start in range(0, ALERTS, 250):
        with running.house.ports.store.transaction() as tx:
            for number in range(start, start + 250):
                ticket = tx.tickets.upsert("default", samples.ticket(f"m{number}"))
                item, _ = tx.escalations.open(
                    "default", samples.escalation(ticket.id, id="")
                )
                found.append(item.id)
    return found


def _handle(alerts: Alerts, clock: MovedClock, kind: str, ids: list[str]) -> int:
    """Deal with an event of each; return how often something was put off."""
    happened = clock.now()
    waiting = deque(
        Delivery(
            event_id=f"evt_{kind}_{own_id}",
            type=f"escalation.{kind}",
            payload={"escalation_id": own_id, "step": 1, "level": 2},
            occurred_at=happened,
        )
        for own_id in ids
    )
    put_off = 0
    while waiting:
        for _ in range(len(waiting)):
            delivery = waiting.popleft()
            try:
                if kind == "reminder_due":
                    alerts.remind(delivery)
                else:
                    alerts.show(delivery)
            except Later:
                put_off += 1
                waiting.append(delivery)
        clock.at += REDRAW
    return put_off


def _acknowledge(client: SidecarClient, own_id: str) -> None:
    about = pb.GetEscalationRequest(escalation_id=own_id)
    etag = client.escalations.GetEscalation(about).escalation.etag
    client.escalations.AcknowledgeEscalation(
        pb.AcknowledgeEscalationRequest(escalation_id=own_id, etag=etag)
    )


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_thousand_alerts_are_a_few_cards(running: Running) -> None:
    """D04: five cards, then one for 200 each, seldom drawn anew; nobody is left out."""
    clock, double = MovedClock(), SlackDouble()
    api = SlackApi(Credentials("slack", "default", Mode.SUGGEST, double.settings))
    ids = _escalations(running)
    with running.client("service") as client:
        alerts = Alerts(Desk(client, "slack", "default"), api, clock, slack.CHANNEL)
        try:
            assert _handle(alerts, clock, "created", ids) > 0
            calls = Counter(call.method for call in double.ledger)
            assert calls["chat.postMessage"] == SPIKE + GROUPS
            assert calls["chat.update"] <= 4 * GROUPS
            assert len(double.cards()) == SPIKE + GROUPS
            groups = [c for c in double.cards() if "short time" in json.dumps(c)]
            shown = sum(int(str(c["text"]).split()[0]) for c in groups)
            assert shown == ALERTS - SPIKE
            # One step of the ladder: a reminder for each card, not for each alert.
            _handle(alerts, clock, "reminder_due", ids[: SPIKE + 40])
            assert len(double.cards()) == SPIKE + GROUPS + SPIKE + 1
            groups = [c for c in double.cards() if "short time" in json.dumps(c)]
            _acknowledge(client, ids[-1])
            _handle(alerts, clock, "acknowledged", ids[-1:])
            waiting = len(ids[SPIKE:]) % 200
            assert f"{waiting - 1} of them wait" in str(groups[-1]["text"])
        finally:
            double.close()
