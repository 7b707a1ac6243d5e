"""Escalations as cards: one each, drawn anew at any change, grouped in spikes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import Delivery, GiveUp, Later, TryAgain
from connectors.slack.api import Place, SlackApi
from connectors.slack.cards import Card, escalation_card, group_card
from connectors.slack.outbound import (
    failing_card,
    group_reminder,
    recovered_card,
    reminder_card,
)
from connectors.slack.posts import Posts, Wanted
from sidecar.v1 import escalation_pb2

log = logging.getLogger(__name__)
SPIKE = 5
"""More escalations than this within ``SPIKE_WITHIN`` share one card."""
SPIKE_WITHIN = timedelta(minutes=10)
_OPEN = escalation_pb2.ESCALATION_STATE_OPEN
_RESOLVED = escalation_pb2.ESCALATION_STATE_RESOLVED
_GONE = frozenset(
    {
        "SLACK_MESSAGE_NOT_FOUND",
        "SLACK_CHANNEL_NOT_FOUND",
        "SLACK_NOT_IN_CHANNEL",
        "SLACK_IS_ARCHIVED",
    }
)
"""Slack's words for a card that can be drawn no more."""
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

    @property
    def posts(self) -> Posts:
        """What is posted once."""
        return Posts(self.desk, self.api, self.clock)

    def show(self, delivery: Delivery) -> Mapping[str, Any]:
        """Bring the card of an escalation up to date, posting it if it has none."""
        own_id = str(delivery.payload.get("escalation_id", ""))
        escalation = self.desk.escalation(own_id)
        if escalation is None:
            return {"skipped": "the escalation is gone"}
        known, etag = self.posts.load(f"card:{own_id}")
        if not known and delivery.type != "escalation.created":
            return {"skipped": "no card was posted"}
        group = known.get("group") or ("" if known else self._group_for(own_id))
        if group:
            if not known:
                self.posts.keep(f"card:{own_id}", {"group": group}, etag)
            place = self._show_group(group, own_id, delivery)
            return {"group": group, "channel": place.channel, "ts": place.ts}
        wanted = self._wanted(f"card:{own_id}", own_id, delivery)
        waits = escalation.state != _RESOLVED
        return _at(self._draw(wanted, escalation_card(escalation), again=waits))

    def remind(self, delivery: Delivery) -> Mapping[str, Any]:
        """Say in the channel that nobody has reacted; the card shows the new level.

        What shares a card shares its reminder: one for each step of the ladder.
        """
        own_id = str(delivery.payload.get("escalation_id", ""))
        escalation = self.desk.escalation(own_id)
        if escalation is None or escalation.state != _OPEN:
            return {"skipped": "somebody has reacted"}
        try:
            self.show(delivery)
        except GiveUp as refused:
            # The card is the lesser part: somebody must hear that nobody has reacted.
            log.warning("slack: a card was not drawn: %s", refused.reason)
        group = str(self.posts.load(f"card:{own_id}")[0].get("group", ""))
        if group:
            about = self._batch(group, escalation)
            name = f"{about}:{delivery.payload.get('step', escalation.level)}"
        else:
            name = delivery.event_id
        wanted = self._wanted(f"remind:{name}", name, delivery)

        def card() -> Card:
            shared = self._members(group) if group else ()
            return group_reminder(shared) if shared else reminder_card(escalation)

        place, _ = self.posts.once(wanted, card)
        return _at(place)

    def connector_failing(self, delivery: Delivery) -> Mapping[str, Any]:
        """Tell that a connector has stopped, or works again."""
        name = str(delivery.payload.get("connector", ""))
        message = str(delivery.payload.get("message", ""))
        failing = delivery.type == "connector.failing"
        card = failing_card(name, message) if failing else recovered_card(name)
        key = f"connector:{delivery.event_id}"
        wanted = self._wanted(key, delivery.event_id, delivery)
        place, _ = self.posts.once(wanted, lambda: card)
        return _at(place)

    def in_group(self, group: str) -> tuple[str, ...]:
        """Return the escalations that share a card, oldest first."""
        return tuple(self.posts.load(f"group:{group}")[0].get("members", ()))

    def _members(self, group: str) -> list[escalation_pb2.Escalation]:
        """Return the escalations that share a card and are there, newest first."""
        members = reversed(self.in_group(group))
        return [e for e in map(self.desk.escalation, members) if e is not None]

    def _batch(self, group: str, escalation: escalation_pb2.Escalation) -> str:
        """Return the part of a group that was raised within the same ten minutes.

        A group may go on for hours: what joins late has a reminder still to come.
        """
        first = self.desk.escalation(group) or escalation
        late = escalation.created_at.seconds - first.created_at.seconds
        return f"{group}:{max(late, 0) // int(SPIKE_WITHIN.total_seconds())}"

    def _draw(self, wanted: Wanted, card: Card, *, again: bool) -> Place:
        """Show a card at its place; the first time find one.

        A card that is gone (deleted, or in a channel the app is no longer in) is posted
        ``again`` where alerts go now, unless nobody needs it any more.
        """
        place, just_posted = self.posts.once(wanted, lambda: card)
        if just_posted:
            return place
        try:
            self.api.update(place, card)
        except GiveUp as refused:
            if refused.reason not in _GONE:
                raise
            if again:
                self.posts.forget(wanted.key)
                place, _ = self.posts.once(wanted, lambda: card)
        return place

    def _wanted(self, key: str, mark: str, delivery: Delivery) -> Wanted:
        return Wanted(key, mark, self.channel, delivery)

    def _show_group(self, group: str, own_id: str, delivery: Delivery) -> Place:
        """Draw the card many share, unless it shows this already or was drawn just now.

        Raises ``Later``: of all that wait for the next drawing, one makes it.
        """
        key, members, now = (
            f"group-card:{group}",
            self.in_group(group),
            self.clock.now(),
        )
        known, _ = self.posts.load(key)
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
        found = self._members(group)
        wanted = self._wanted(key, group, delivery)
        waits = any(e.state != _RESOLVED for e in found)
        place = self._draw(wanted, group_card(found, group), again=waits)
        drawn = {"drawn": len(members), "drawn_at": now.isoformat()}
        body = {"channel": place.channel, "ts": place.ts, **drawn}
        self.posts.keep(key, body, self.posts.load(key)[1])
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
            latest, etag = self.posts.load("latest")
            entries = self._recent(latest, own_id)
            group = str(latest.get("group", "")) if len(entries) > SPIKE else ""
            group = group or (own_id if len(entries) > SPIKE else "")
            try:
                if group and not self._join(group, own_id):
                    group = own_id
                    self._join(group, own_id)
                body = {"entries": entries, "group": group}
                self.posts.keep("latest", body, etag)
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
        kept, etag = self.posts.load(f"group:{group}")
        members = list(kept.get("members", []))
        if own_id in members:
            return True
        if len(members) >= _GROUP_HOLDS:
            return False
        body = {"members": [*members, own_id]}
        self.posts.keep(f"group:{group}", body, etag)
        return True


def _at(place: Place) -> Mapping[str, Any]:
    return {"channel": place.channel, "ts": place.ts}
