"""Writing to a ticket: what was planned, in one update, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.desk import Desk
from connectors.events import Delivery, Later, Mode, TryAgain
from connectors.zendesk.api import Conflict, NotFound, Unknown, ZendeskApi
from connectors.zendesk.changes import planned
from connectors.zendesk.conversation import Thread
from connectors.zendesk.follow import NOTED
from connectors.zendesk.ledger import Ledger
from connectors.zendesk.marks import mark_of
from connectors.zendesk.outbound import Finding, Plan
from connectors.zendesk.outbound import plan as plan_for
from connectors.zendesk.settings import Account

Reread = Callable[[str], Thread]
PAUSED = "WRITING_PAUSED"
PILOT_TAG = "deskside-pilot"
_ATTEMPTS = 4
_PAUSED_SECONDS = 10.0
_SIMILAR = 3


class Writer:
    """Finds out what an agent should know and writes it as a private note."""

    def __init__(
        self,
        desk: Desk,
        api: ZendeskApi,
        ledger: Ledger,
        account: Account,
        mode: Mode,
    ) -> None:
        self._desk = desk
        self._ledger = ledger
        self._api = api
        self._account = account
        self._mode = mode

    def answer(
        self, delivery: Delivery, ticket_id: str, thread: Thread, again: Reread
    ) -> Mapping[str, Any]:
        """Classify, draft and look up once for this state, then write it once."""
        mark = mark_of(self._desk.key("note", thread.number, thread.version))
        if thread.has_mark(mark):
            return {"step": "the note is there already"}
        finding = self._find_out(ticket_id, thread)
        wanted = plan_for(
            finding,
            self._mode,
            mark,
            automate_fields=self._account.automate_fields,
            tags=thread.tags,
            priority=str(thread.ticket.get("priority") or ""),
        )
        facts = {
            "classification_id": finding.classification.classification_id,
            "draft_id": finding.draft.draft_id if finding.draft else "",
        }
        told = self._apply(delivery, ticket_id, thread, wanted, mark, again)
        return {**facts, **told}

    def write_note(
        self, delivery: Delivery, thread: Thread, note: str, mark: str, again: Reread
    ) -> Mapping[str, Any]:
        """Write a private note once."""
        ticket_id = delivery.ticket_id
        if thread.has_mark(mark):
            self._ledger.record_missing(ticket_id, thread)
            return {"step": "the note is there already"}
        if thread.status == "closed":
            return {"step": "a closed ticket takes no note"}
        return self._apply(delivery, ticket_id, thread, Plan(note), mark, again)

    def check_pause(self) -> None:
        """Raise ``Later`` while an administrator has stopped all writing."""
        _check_pause(self._desk.flags())

    def _find_out(self, ticket_id: str, thread: Thread) -> Finding:
        # The ticket as stored is named, not given: the same words each time, so that
        # a repeat gets the first answer.
        key = self._desk.key("classify", ticket_id, thread.version)
        found = self._desk.classify(ticket_id, key)
        draft = self._desk.first_draft(ticket_id, thread.version)
        self._remember(thread)
        return Finding(
            found.classification,
            draft,
            self._desk.similar(ticket_id, _SIMILAR),
            found.escalation if found.HasField("escalation") else None,
        )

    def _remember(self, thread: Thread) -> None:
        """Keep which state the note answers, so that the reply can be compared."""
        value, etag = self._desk.record(f"{NOTED}{thread.number}")
        wanted = thread.version.encode()
        if value != wanted:
            self._desk.keep(f"{NOTED}{thread.number}", wanted, etag)

    def _apply(
        self,
        delivery: Delivery,
        ticket_id: str,
        thread: Thread,
        plan: Plan,
        mark: str,
        again: Reread,
    ) -> Mapping[str, Any]:
        if not self._mode.writes:
            return {"step": "shadow", "would_write": plan.facts()}
        flags = self._desk.flags()
        if flags.get("pilot") and PILOT_TAG not in thread.tags:
            return {"step": "not in the pilot", "would_write": plan.facts()}
        _check_pause(flags)
        changes = planned(thread, plan.fields, plan.note)
        if self._write(delivery, thread, plan, mark, again):
            self._ledger.record(ticket_id, thread, changes, mark)
            return {"step": "written", "changes": plan.facts()}
        return {"step": "the ticket is gone"}

    def _write(
        self,
        delivery: Delivery,
        thread: Thread,
        plan: Plan,
        mark: str,
        again: Reread,
    ) -> bool:
        """Write once; return False when the ticket is gone."""
        version = thread.version
        for _ in range(_ATTEMPTS):
            if thread.has_mark(mark):
                return True
            if thread.version != version:
                # Somebody wrote meanwhile: what was found out answers another state.
                raise TryAgain("TICKET_CHANGED", "The ticket has just changed.", 1.0)
            delivery.keep()
            try:
                self._api.update(thread.number, thread.stamp, plan.fields, plan.note)
            except (Conflict, Unknown):
                # Not written, or nobody knows: the ticket itself tells.
                thread = again(thread.number)
            except NotFound:
                return False
            else:
                return True
        raise TryAgain("TICKET_BUSY", "The ticket changes all the time.", 5.0)


def _check_pause(flags: Mapping[str, bool]) -> None:
    if flags.get("writing_paused"):
        raise Later(PAUSED, "An administrator has paused writing.", _PAUSED_SECONDS)
