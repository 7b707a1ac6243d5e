"""Escalations as cards: one each, drawn anew when anything changes, grouped in spikes.

A card is made in three steps: the intention is kept, the message is posted with a
mark, its place is kept. A worker that dies between the last two leaves an intention
without a place, and the next one looks for the mark before it posts again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import Delivery, GiveUp, Later, TryAgain
from connectors.slack.api import Place, SlackApi
from connectors.slack.cards import Card, escalation_card, group_card
from connectors.slack.outbound import failing_card, recovered_card, reminder_card
from sidecar.v1 import escalation_pb2

SPIKE = 5
"""More escalations than this within ``SPIKE_WITHIN`` share one card."""
SPIKE_WITHIN = timedelta(minutes=10)
_OPEN = escalation_pb2.ESCALATION_STATE_OPEN
_GROUP_HOLDS = 200
_ROUNDS = 6
REDRAW = timedelta(seconds=2)
"""A shared card is drawn this often at most: a thousand alerts are not a thousand
calls of Slack, and each drawing shows all that has happened until then."""
_CLOCKS_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Alerts:
    """Cards of one workspace in one channel."""

    desk: Desk
    api: SlackApi
    clock: Clock
    channel: str

    def show(self, delivery: Delivery) -> Mapping[str, Any]:
        """Bring the card of an escalation up to date, posting it if it has none."""
        own_id = str(delivery.payload.get("escalation_id", ""))
        escalation = self.desk.escalation(own_id)
        if escalation is None:
            return {"skipped": "the escalation is gone"}
        known, etag = self._load(f"card:{own_id}")
        if not known and delivery.type != "escalation.created":
            return {"skipped": "no card was posted"}
        group = known.get("group") or ("" if known else self._group_for(own_id))
        if group:
            if not known:
                self.desk.keep(f"card:{own_id}", _json({"group": group}), etag)
            place = self._show_group(group, own_id, delivery)
            return {"group": group, "channel": place.channel, "ts": place.ts}
        place = self._draw(f"card:{own_id}", own_id, escalation_card(escalation))
        return {"channel": place.channel, "ts": place.ts}

    def remind(self, delivery: Delivery) -> Mapping[str, Any]:
        """Say in the channel that nobody has reacted; the card shows the new level."""
        own_id = str(delivery.payload.get("escalation_id", ""))
        escalation = self.desk.escalation(own_id)
        if escalation is None or escalation.state != _OPEN:
            return {"skipped": "somebody has reacted"}
        self.show(delivery)
        key = f"remind:{delivery.event_id}"
        place = self._draw(key, delivery.event_id, reminder_card(escalation), once=True)
        return {"channel": place.channel, "ts": place.ts}

    def connector_failing(self, delivery: Delivery) -> Mapping[str, Any]:
        """Tell that a connector has stopped, or works again."""
        name = str(delivery.payload.get("connector", ""))
        message = str(delivery.payload.get("message", ""))
        failing = delivery.type == "connector.failing"
        card = failing_card(name, message) if failing else recovered_card(name)
        key = f"connector:{delivery.event_id}"
        place = self._draw(key, delivery.event_id, card, once=True)
        return {"channel": place.channel, "ts": place.ts}

    def in_group(self, group: str) -> tuple[str, ...]:
        """Return the escalations that share a card, oldest first."""
        return tuple(self._load(f"group:{group}")[0].get("members", ()))

    def _draw(self, key: str, mark: str, card: Card, *, once: bool = False) -> Place:
        """Show a card at its place; the first time find one."""
        known, etag = self._load(key)
        if known.get("ts"):
            place = Place(str(known["channel"]), str(known["ts"]))
            if not once:
                self.api.update(place, card)
            return place
        if known:
            place_found = self.api.find(self.channel, mark)
        else:
            etag = self.desk.keep(key, _json({"mark": mark}), "")
            place_found = None
        place = place_found or self.api.post(self.channel, card, mark)
        self.desk.keep(key, _json({"channel": place.channel, "ts": place.ts}), etag)
        if place_found and not once:
            self.api.update(place, card)
        return place

    def _show_group(self, group: str, own_id: str, delivery: Delivery) -> Place:
        """Draw the card many share, unless it shows this already or was drawn just now.

        Raises ``Later``: of all that wait for the next drawing, one makes it.
        """
        key, members, now = (
            f"group-card:{group}",
            self.in_group(group),
            self.clock.now(),
        )
        known, _ = self._load(key)
        if known.get("drawn_at") and known.get("ts"):
            drawn_at = datetime.fromisoformat(str(known["drawn_at"]))
            if self._is_drawn(
                members[: int(known["drawn"])], own_id, drawn_at, delivery
            ):
                return Place(str(known["channel"]), str(known["ts"]))
            if now - drawn_at < REDRAW:
                raise Later(
                    *("CARD_DRAWN_JUST_NOW", "Many alerts share a card."),
                    retry_after=REDRAW.total_seconds(),
                )
        found = [
            e for e in map(self.desk.escalation, reversed(members)) if e is not None
        ]
        place = self._draw(key, group, group_card(found, group))
        drawn = {"drawn": len(members), "drawn_at": now.isoformat()}
        body = {"channel": place.channel, "ts": place.ts, **drawn}
        self.desk.keep(key, _json(body), self._load(key)[1])
        return place

    @staticmethod
    def _is_drawn(
        drawn: tuple[str, ...], own_id: str, drawn_at: datetime, delivery: Delivery
    ) -> bool:
        if own_id not in drawn:
            return False
        if delivery.type == "escalation.created" or delivery.occurred_at is None:
            return delivery.type == "escalation.created"
        # What happened well before the drawing began was read for it.
        return delivery.occurred_at + _CLOCKS_DIFFER < drawn_at

    def _group_for(self, own_id: str) -> str:
        """Return the group an escalation belongs to, '' when it stands alone.

        The latest escalations are one small kept list, changed by compare-and-set,
        so that any number of processes count the same spike.
        """
        for _ in range(_ROUNDS):
            latest, etag = self._load("latest")
            entries = self._recent(latest, own_id)
            group = str(latest.get("group", "")) if len(entries) > SPIKE else ""
            group = group or (own_id if len(entries) > SPIKE else "")
            try:
                if group and not self._join(group, own_id):
                    group = own_id
                    self._join(group, own_id)
                body = {"entries": entries, "group": group}
                self.desk.keep("latest", _json(body), etag)
            except TryAgain:
                continue
            return group
        raise TryAgain("SLACK_BUSY", "Many escalations arrive at once.")

    def _recent(self, latest: Mapping[str, Any], own_id: str) -> list[list[str]]:
        now = self.clock.now()
        start = now - SPIKE_WITHIN
        kept = [
            entry
            for entry in latest.get("entries", [])
            if datetime.fromisoformat(entry[1]) >= start and entry[0] != own_id
        ]
        return [*kept[-50:], [own_id, now.isoformat()]]

    def _join(self, group: str, own_id: str) -> bool:
        """Add an escalation to a group; False when it is full."""
        kept, etag = self._load(f"group:{group}")
        members = list(kept.get("members", []))
        if own_id in members:
            return True
        if len(members) >= _GROUP_HOLDS:
            return False
        body = _json({"members": [*members, own_id]})
        self.desk.keep(f"group:{group}", body, etag)
        return True

    def _load(self, key: str) -> tuple[dict[str, Any], str]:
        value, etag = self.desk.record(key)
        if not value:
            return {}, etag
        try:
            found = json.loads(value)
        except ValueError:
            raise GiveUp("RECORD_UNREADABLE", f"The record {key} is damaged.") from None
        return found if isinstance(found, dict) else {}, etag


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
