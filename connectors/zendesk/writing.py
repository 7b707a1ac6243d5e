"""Writing to a ticket: what was planned, in one update, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.desk import Desk
from connectors.events import Delivery, Later, Mode, TryAgain
from connectors.zendesk.api import Conflict, NotFound, Unknown, ZendeskApi
from connectors.zendesk.conversation import Thread
from connectors.zendesk.follow import NOTED
from connectors.zendesk.outbound import Finding, Plan, mark_of, plan
from connectors.zendesk.settings import Account

Reread = Callable[[str], Thread]
PILOT_TAG = "deskside-pilot"
_ATTEMPTS = 4
_PAUSED_SECONDS = 60.0
_SIMILAR = 3


class Writer:
    """Finds out what an agent should know and writes it as a private note."""

    def __init__(
        self, desk: Desk, api: ZendeskApi, account: Account, mode: Mode
    ) -> None:
        self._desk = desk
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
        planned = plan(
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
        return {**facts, **self._apply(delivery, thread, planned, mark, again)}

    def write_note(
        self, delivery: Delivery, thread: Thread, note: str, mark: str, again: Reread
    ) -> Mapping[str, Any]:
        """Write a private note once."""
        if thread.has_mark(mark):
            return {"step": "the note is there already"}
        if thread.status == "closed":
            return {"step": "a closed ticket takes no note"}
        return self._apply(delivery, thread, Plan(note), mark, again)

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
        thread: Thread,
        planned: Plan,
        mark: str,
        again: Reread,
    ) -> Mapping[str, Any]:
        if not self._mode.writes:
            return {"step": "shadow", "would_write": planned.facts()}
        flags = self._desk.flags()
        if flags.get("pilot") and PILOT_TAG not in thread.tags:
            return {"step": "not in the pilot", "would_write": planned.facts()}
        if flags.get("writing_paused"):
            message = "An administrator has paused writing."
            raise Later("WRITING_PAUSED", message, _PAUSED_SECONDS)
        version = thread.version
        for _ in range(_ATTEMPTS):
            if thread.has_mark(mark):
                return {"step": "written", "repeated": True}
            if thread.version != version:
                # Somebody wrote meanwhile: what was found out answers another state.
                raise TryAgain("TICKET_CHANGED", "The ticket has just changed.", 1.0)
            delivery.keep()
            try:
                self._api.update(
                    thread.number, thread.stamp, planned.fields, planned.note
                )
            except (Conflict, Unknown):
                # Not written, or nobody knows: the ticket itself tells.
                thread = again(thread.number)
                continue
            except NotFound:
                return {"step": "the ticket is gone"}
            return {"step": "written", "changes": planned.facts()}
        raise TryAgain("TICKET_BUSY", "The ticket changes all the time.", 5.0)
