"""A session with one Zendesk account: what is done about each event.

What is done depends on the ticket as it is read now, not on which event told of it:
webhooks of both kinds and the poll lead to the same steps, and each step is keyed by
the state it answers. Hearing of a change twice therefore changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import (
    Check,
    Credentials,
    Delivery,
    GiveUp,
    Health,
    Later,
)
from connectors.zendesk import backfill, changes, checks, guide, poll
from connectors.zendesk.api import NotFound, ZendeskApi
from connectors.zendesk.conversation import Thread, thread_of
from connectors.zendesk.follow import Follower
from connectors.zendesk.inbound import UNREADABLE
from connectors.zendesk.ledger import Ledger
from connectors.zendesk.marks import mark_of
from connectors.zendesk.outbound import escalation_note
from connectors.zendesk.settings import NAME, Account
from connectors.zendesk.writing import PAUSED, Writer

_MOST_WAITING = 10_000
_VERBS = ("acknowledged", "assigned", "resolved")


class ZendeskSession:
    """Deals with events of one workspace's account."""

    def __init__(
        self, account: Account, credentials: Credentials, desk: Desk, clock: Clock
    ) -> None:
        self._account = account
        self._credentials = credentials
        self._desk = desk
        self._clock = clock
        self._health = Health()
        self._api = ZendeskApi(account, clock, self._health)
        self._own_id = 0
        self._refused = ""
        self._waiting: set[str] = set()
        self._follower = Follower(desk, account)
        self._ledger = Ledger(self._api, desk)
        mode = credentials.mode
        self._writer = Writer(desk, self._api, self._ledger, account, mode)

    @property
    def health(self) -> Health:
        """How the connection is doing, and if well, what of Guide was refused."""
        # A call that works ends what was wrong with calls, and with nothing else.
        message = self._health.message or self._refused
        return replace(self._health, message=message)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def test(self) -> list[Check]:
        """Try the connection and say what is wrong and what to do about it."""
        return checks.run(self._api, self._credentials, self._clock)

    def poll(self) -> None:
        """Catch up with changed tickets, then go on with backfill and articles."""
        poll.catch_up(self._api, self._desk, self._clock)
        backfill.step(self._api, self._desk, self._clock, self._account, self._me())
        self._refused = guide.keep_in_step(self._api, self._desk, self._clock)

    def handle(self, delivery: Delivery) -> Mapping[str, Any]:
        """Deal with one event; see ``connectors.connector.Session``."""
        first, _, rest = delivery.type.partition(".")
        if delivery.type == UNREADABLE:
            raise GiveUp("HOOK_UNREADABLE", "A signed webhook could not be read.")
        if first == "escalation" and rest in _VERBS:
            return self._tell_escalation(delivery, rest)
        if delivery.type == changes.REVERT:
            return changes.revert(self._api, self._desk, delivery, self._thread)
        what = rest.removeprefix("ticket.")
        number = str(delivery.payload.get("ticket_id") or "")
        if first != NAME or what == rest or not number.isdigit():
            return {"ignored": "nothing to do for this kind"}
        if str(self._me()) == str(delivery.payload.get("actor_id") or ""):
            return {"ignored": "our own change"}
        return self._unless_paused(delivery, what, number)

    def _unless_paused(
        self, delivery: Delivery, what: str, number: str
    ) -> Mapping[str, Any]:
        """Follow a ticket; one that waits for the end of a pause is not read again."""
        if delivery.event_id in self._waiting:
            self._writer.check_pause()
            self._waiting.discard(delivery.event_id)
        try:
            return self._follow(delivery, what, number)
        except Later as later:
            if later.reason == PAUSED and len(self._waiting) < _MOST_WAITING:
                self._waiting.add(delivery.event_id)
            raise

    def _me(self) -> int:
        """Return the number of the agent in whose name we write."""
        if not self._own_id:
            found = self._api.me().get("id")
            if not isinstance(found, int) or found <= 0:
                self._health.credentials_valid = False
                said = "Zendesk does not know the agent. Check e-mail and API token."
                raise Later("VENDOR_CREDENTIALS", said, 300.0)
            self._own_id = found
        return self._own_id

    def _follow(self, delivery: Delivery, what: str, number: str) -> Mapping[str, Any]:
        try:
            thread = self._thread(number)
        except NotFound:
            spam = what == "marked_as_spam"
            return self._follower.gone(number, spam=spam, key=delivery.event_id)
        if thread.status == "deleted":
            spam = what == "marked_as_spam"
            return self._follower.gone(number, spam=spam, key=delivery.event_id)
        known = self._desk.stored(number)
        if known is not None:
            redacted = str(delivery.payload.get("comment_id") or "")
            black = redacted if "redacted" in what else ""
            self._follower.redacted(thread, black, known.ticket)
        shown = known.draft if known is not None and known.HasField("draft") else None
        stored = self._desk.upsert(self._follower.ticket(thread)).ticket
        self._ledger.record_missing(stored.id, thread)
        target = str(delivery.payload.get("target_ticket_id") or thread.merged_into)
        if target and (what == "merged" or thread.merged_into):
            return self._merge(stored.id, number, target)
        result: dict[str, Any] = {"ticket_id": stored.id}
        result |= self._follower.outcome_of_draft(stored.id, thread, shown)
        if thread.status in ("solved", "closed"):
            return {**result, **self._follower.solved(stored.id, thread)}
        if not thread.waits_for_agent:
            return result | {"step": "nothing waits for an agent"}
        told = self._writer.answer(delivery, stored.id, thread, self._thread)
        return {**result, **told}

    def _merge(self, source_id: str, number: str, target: str) -> Mapping[str, Any]:
        known = self._desk.stored(target)
        if known is not None:
            stored = known.ticket
        else:
            try:
                thread = self._thread(target)
            except NotFound:
                return {"ignored": "merged into a ticket that is not there"}
            stored = self._desk.upsert(self._follower.ticket(thread)).ticket
        key = self._desk.key("merge", source_id, stored.id)
        done = self._desk.merge(stored.id, source_id, key)
        return {"merged": number, "into": target, "repeated": not done}

    def _tell_escalation(self, delivery: Delivery, verb: str) -> Mapping[str, Any]:
        escalation_id = str(delivery.payload.get("escalation_id") or "")
        escalation = self._desk.escalation(escalation_id)
        if escalation is None or escalation.connector != NAME:
            return {"ignored": "no escalation of a ticket in Zendesk"}
        mark = mark_of(self._desk.key("escalation", escalation_id, verb, "note"))
        note = escalation_note(escalation, verb, mark)
        number = escalation.ticket_external_id
        try:
            thread = self._thread(number)
        except NotFound:
            return {"ignored": "the ticket is gone"}
        return self._writer.write_note(delivery, thread, note, mark, self._thread)

    def _thread(self, number: str) -> Thread:
        found = self._api.read(number)
        return thread_of(found.ticket, found.comments, found.users, self._me())
