"""Posting once, though Slack has no idempotency and a worker may die at any moment.

An intention is kept, the message is posted with a mark, its place is kept. Whoever
finds an intention without a place looks for the mark before posting. How often a
delivery was tried says nothing: an attempt that ended with its worker may not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import Delivery, GiveUp, Later
from connectors.slack.api import Place, SlackApi
from connectors.slack.cards import Card

HELD = timedelta(seconds=30)
"""So long an intention is another's: longer than a look and a post may take."""
_LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message: the record that remembers it, its mark, and on whose behalf.

    ``thread`` and ``after`` are the ``ts`` of messages: of the thread it belongs to,
    and of one that is surely older than it.
    """

    key: str
    mark: str
    channel: str
    delivery: Delivery
    thread: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Posts:
    """Messages of one workspace, by the records under which they are remembered."""

    desk: Desk
    api: SlackApi
    clock: Clock

    def load(self, key: str) -> tuple[dict[str, Any], str]:
        """Return a record and its version; ({}, "") when there is none."""
        value, etag = self.desk.record(key)
        if not value:
            return {}, etag
        try:
            found = json.loads(value)
        except ValueError:
            raise GiveUp("RECORD_UNREADABLE", f"The record {key} is damaged.") from None
        return found if isinstance(found, dict) else {}, etag

    def keep(self, key: str, value: Mapping[str, Any], etag: str) -> str:
        """Keep a record; raises ``TryAgain`` when it was changed meanwhile."""
        return self.desk.keep(key, json.dumps(value, sort_keys=True).encode(), etag)

    def forget(self, key: str) -> None:
        """Forget where a message was, because it is there no more.

        That there was one is remembered: whoever comes after a crash posts it anew.
        """
        self.keep(key, {"gone": True}, self.load(key)[1])

    def once(self, wanted: Wanted, draw: Callable[[], Card]) -> tuple[Place, bool]:
        """Return where a message is, and whether it was posted just now.

        Raises ``Later`` while another delivery is about to post it, and ``LostLease``
        when another worker has this one.
        """
        known, etag = self.load(wanted.key)
        if known.get("ts"):
            return Place(str(known["channel"]), str(known["ts"])), False
        if known:
            self._wait_for(known, wanted)
            etag = self._intend(wanted, etag)
            found = self.api.find(
                wanted.channel, wanted.mark, wanted.thread, wanted.after
            )
            if found is not None:
                self._remember(wanted, found, etag)
                return found, False
        card = draw()
        etag = self._intend(wanted, etag)
        place = self.api.post(wanted.channel, card, wanted.mark, wanted.thread)
        self._remember(wanted, place, etag)
        return place, True

    def _wait_for(self, known: Mapping[str, Any], wanted: Wanted) -> None:
        """Leave an intention to its owner, who may be posting at this very moment."""
        since = datetime.fromisoformat(known["at"]) if known.get("at") else None
        if since is None or known.get("by") == wanted.delivery.event_id:
            return
        if abs(self.clock.now() - since) < HELD:
            said = "Another delivery is about to post the same."
            raise Later("SLACK_BEING_POSTED", said, _LOOK_AGAIN_SECONDS)

    def _intend(self, wanted: Wanted, etag: str) -> str:
        """Make the intention ours, with a lease that surely holds."""
        wanted.delivery.keep()
        intention = {
            "mark": wanted.mark,
            "by": wanted.delivery.event_id,
            "at": self.clock.now().isoformat(),
        }
        return self.keep(wanted.key, intention, etag)

    def _remember(self, wanted: Wanted, place: Place, etag: str) -> None:
        body = {"channel": place.channel, "ts": place.ts}
        self.keep(wanted.key, body, etag)
