"""What people ask for in Slack: commands, questions in threads, pressed buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.acting import Acting, NotAllowed, NotLinked, TooLate
from connectors.desk import Desk
from connectors.events import Delivery, GiveUp
from connectors.slack import outbound
from connectors.slack.alerts import Alerts
from connectors.slack.api import Place, SlackApi
from connectors.slack.cards import (
    ACKNOWLEDGE,
    ACKNOWLEDGE_ALL,
    ACTIONS,
    ASSIGN,
    RESOLVE,
    RESOLVE_DIALOG,
    Card,
)
from connectors.slack.commands import (
    Command,
    Verb,
    parse_command,
    parse_mention,
    unescape,
)
from connectors.slack.posts import Wanted
from sidecar.v1 import assist_pb2, common_pb2, ticket_pb2

TURNS = 12
"""Newest turns of a thread that a question is understood with."""
_HELPDESKS = ("zendesk", "salesforce", "email", "api")


@dataclass(frozen=True, slots=True)
class Requests:
    """Deals with what people of one Slack workspace ask for.

    ``is_mute`` says whether nothing may be said in Slack; it raises ``Later`` when
    that may be said after a while.
    """

    desk: Desk
    api: SlackApi
    alerts: Alerts
    team_id: str
    is_mute: Callable[[], bool]

    def command(self, delivery: Delivery) -> Mapping[str, Any]:
        """Answer a slash command where it was given, to its author alone."""
        given = delivery.payload
        command = parse_command(unescape(str(given.get("text", ""))))
        key = delivery.event_id
        card, outcome = self._answer(command, str(given["user_id"]), key, ())
        self.api.respond(str(given.get("response_url", "")), card)
        return {"verb": command.verb.value, "outcome": outcome}

    def message(self, delivery: Delivery) -> Mapping[str, Any]:
        """Answer a mention, or the next turn of a thread we take part in."""
        given = delivery.payload
        channel, ts = str(given.get("channel", "")), str(given.get("ts", ""))
        root = str(given.get("thread_ts") or ts)
        mentioned = given.get("kind") == "app_mention"
        direct = given.get("channel_type") == "im"
        talk = f"talk:{channel}:{root}"
        known, etag = self.desk.record(talk)
        if not (mentioned or direct or known):
            return {"skipped": "not our thread"}
        text, user = str(given.get("text", "")), str(given.get("user", ""))
        if not (mentioned or direct or text.strip()):
            return {"skipped": "a file without a word"}
        command, outcome = parse_mention(text), "answered before"

        def answer() -> Card:
            nonlocal outcome
            turns = self._turns(Place(channel, root), text)
            card, outcome = self._answer(command, user, delivery.event_id, turns)
            return card

        # By the message and not by the event: a mention is told as two events.
        key = f"answer:{channel}:{ts or delivery.event_id}"
        wanted = Wanted(key, key, channel, delivery, root, ts)
        place, _ = self.alerts.posts.once(wanted, answer)
        if not known:
            self.desk.keep(talk, b"{}", etag)
        return {"verb": command.verb.value, "outcome": outcome, "ts": place.ts}

    def action(self, delivery: Delivery) -> Mapping[str, Any]:
        """Do what a button, a menu or a dialog asks for.

        That changes nothing in Slack: in a pause and in shadow it is done as well, and
        only what is said about it waits.
        """
        given = delivery.payload
        user, action = str(given.get("user", "")), str(given.get("action", ""))
        own_id = str(given.get("value") or _after_colon(str(given.get("block", ""))))
        try:
            outcome = self._act(action, own_id, user, given, delivery.event_id)
        except NotLinked:
            outcome = self._tell(given, user, outbound.NOT_LINKED)
        except NotAllowed:
            outcome = self._tell(given, user, outbound.NOT_ALLOWED)
        except TooLate:
            current = self.desk.escalation(own_id)
            text = outbound.too_late(current) if current else outbound.GONE
            outcome = self._tell(given, user, text)
        return {"action": action, "escalation_id": own_id, "outcome": outcome}

    def _act(
        self, action: str, own_id: str, user: str, given: Mapping[str, Any], key: str
    ) -> str:
        acting, member = self._member(user)
        if action == ACKNOWLEDGE:
            acting.acknowledge(own_id, member, self.desk.key(key, "acknowledge"))
        elif action == ACKNOWLEDGE_ALL:
            return self._acknowledge_all(acting, member, own_id, key)
        elif action == ASSIGN:
            _, chosen = self._member(str(given.get("chosen_user", "")))
            acting.assign(own_id, chosen, self.desk.key(key, "assign"))
        elif action in (RESOLVE, RESOLVE_DIALOG):
            reason = str(given.get("text") or "Resolved in Slack")
            acting.resolve(own_id, reason, self.desk.key(key, "resolve"))
        else:
            return "unknown action"
        return "done"

    def _acknowledge_all(
        self, acting: Acting, member: str, group: str, key: str
    ) -> str:
        done = 0
        for own_id in self.alerts.in_group(group):
            own_key = self.desk.key(key, "acknowledge", own_id)
            try:
                acting.acknowledge(own_id, member, own_key)
                done += 1
            except (TooLate, GiveUp):
                continue
        return f"{done} acknowledged"

    def _answer(
        self,
        command: Command,
        user: str,
        key: str,
        turns: tuple[tuple[bool, str], ...],
    ) -> tuple[Card, str]:
        try:
            acting, _ = self._member(user)
            return self._answer_member(command, acting, key, turns), "answered"
        except NotLinked:
            return outbound.say(outbound.NOT_LINKED), "not linked"
        except NotAllowed:
            return outbound.say(outbound.NOT_ALLOWED), "not allowed"

    def _answer_member(
        self,
        command: Command,
        acting: Acting,
        key: str,
        turns: tuple[tuple[bool, str], ...],
    ) -> Card:
        if command.verb is Verb.HELP:
            return outbound.help_card()
        if command.verb is Verb.ASK:
            return self._ask(command.text, turns)
        ticket = self._ticket(command.ticket)
        if ticket is None:
            return outbound.say(outbound.NO_TICKET)
        if command.verb is Verb.SUMMARIZE:
            kind = assist_pb2.SUMMARY_KIND_HANDOVER
            return outbound.summary_card(ticket, self.desk.summarize(ticket.id, kind))
        reason = command.text or "Called from Slack"
        own_key = self.desk.key(key, "escalate")
        return outbound.escalated_card(acting.escalate(ticket.id, reason, own_key))

    def _ask(self, question: str, turns: tuple[tuple[bool, str], ...]) -> Card:
        request = assist_pb2.RetrieveRequest(
            top_k=5,
            filters=assist_pb2.RetrieveFilters(audience=common_pb2.AUDIENCE_CUSTOMER),
        )
        if len(turns) > 1:
            request.ticket.CopyFrom(outbound.question_ticket(turns))
        else:
            request.query = question
        found = self.desk.ask(lambda c: c.assist.Retrieve(request))
        return outbound.answer_card(question, found)

    def _turns(self, root: Place, newest: str) -> tuple[tuple[bool, str], ...]:
        """Return a thread as turns, the question last; ``True`` marks our own."""
        turns = [
            (bool(m.get("bot_id")), _said(str(m.get("text", ""))))
            for m in self.api.thread(root, TURNS)
        ]
        kept = [turn for turn in turns if turn[1]]
        while kept and kept[-1][0]:
            kept.pop()  # what we said after it cannot be part of the question
        return tuple(kept) or ((False, _said(newest)),)

    def _ticket(self, name: str) -> ticket_pb2.Ticket | None:
        if name.startswith("tkt_"):
            return self.desk.get(name)
        for connector in _HELPDESKS:
            found = self.desk.find(name, connector)
            if found is not None:
                return found
        return None

    def _member(self, user_id: str) -> tuple[Acting, str]:
        """Return a linked person and the member they are; raises ``NotLinked``."""
        person = self.api.person(user_id) if user_id else None
        if person is None or person.is_guest or person.team_id != self.team_id:
            raise NotLinked
        account = common_pb2.ExternalAccount(
            connector="slack", team_id=person.team_id, user_id=user_id
        )
        acting = Acting(self.desk, account)
        return acting, acting.link(person.email).member_id

    def _tell(self, given: Mapping[str, Any], user: str, text: str) -> str:
        if not self.is_mute():
            # A dialog is in no channel; whoever used it came from the alerts.
            channel = str(given.get("channel") or self.alerts.channel)
            self.api.whisper(channel, user, text)
        return text


def _said(text: str) -> str:
    return parse_mention(text).text or unescape(text)


def _after_colon(block: str) -> str:
    name, _, own_id = block.partition(":")
    return own_id if name == ACTIONS else ""
