"""Following the helpdesk: deletions, redactions, outcomes of drafts, solutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.desk import Desk
from connectors.zendesk.conversation import BLACK, Comment, Thread
from connectors.zendesk.replies import first_replies, kind_of, reply_to
from connectors.zendesk.settings import Account
from connectors.zendesk.ticket import to_ticket
from sidecar.v1 import assist_pb2, ticket_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2

_RESOLUTION = 10_000
NOTED = "noted:"
"""Record of the state a ticket's last note answers, by the ticket's number."""

_KINDS = {
    tickets_pb2.FEEDBACK_KIND_USED: "used",
    tickets_pb2.FEEDBACK_KIND_EDITED: "edited",
    tickets_pb2.FEEDBACK_KIND_IGNORED: "ignored",
}


class Follower:
    """Keeps the sidecar's copy of tickets in step with Zendesk."""

    def __init__(self, desk: Desk, account: Account) -> None:
        self._desk = desk
        self._account = account

    def ticket(self, thread: Thread) -> ticket_pb2.Ticket:
        """Return the ticket as the contract has it."""
        return to_ticket(thread, self._account)

    def gone(self, number: str, *, spam: bool, key: str) -> Mapping[str, Any]:
        """Follow a deletion, or a mark as spam, of a ticket that cannot be read."""
        known = self._desk.stored(number)
        if known is None:
            return {"ignored": "not here, and not in Zendesk"}
        stored = known.ticket
        if spam:
            stored.status = ticket_pb2.TICKET_STATUS_SPAM
            stored.ClearField("etag")
            stored.ClearField("updated_at")
            self._desk.upsert(stored)
            return {"ticket_id": stored.id, "step": "marked as spam"}
        done = self._desk.delete(stored.id, self._desk.key("delete", stored.id, key))
        return {"ticket_id": stored.id, "step": "deleted", "repeated": not done}

    def redacted(
        self, thread: Thread, comment_id: str, stored: ticket_pb2.Ticket
    ) -> None:
        """Black out here what is blacked out there, before the new words are kept."""
        black = [c for c in thread.comments if BLACK in c.body or c.id == comment_id]
        by_id = {message.external_id: message for message in stored.messages}
        changed = [
            by_id[comment.id].id
            for comment in black
            if comment.id in by_id and by_id[comment.id].body != comment.body
        ]
        if changed:
            key = self._desk.key("redact", stored.id, stored.etag, *changed)
            self._desk.redact(stored.id, changed, key)

    def outcome_of_draft(
        self, ticket_id: str, thread: Thread, shown: assist_pb2.Draft | None
    ) -> Mapping[str, Any]:
        """Record what became of a draft, once it can be told.

        ``shown`` is the draft an agent saw last, as it was stored before the ticket
        changed; without one it is the draft that stands in our own note.
        """
        draft, sent = shown, reply_to(shown, thread) if shown else None
        if draft is None or sent is None:
            draft, sent = self._noted(ticket_id, thread)
        if draft is None or sent is None or not draft.text:
            return {}
        kind = kind_of(draft.text, sent.body)
        request = tickets_pb2.RecordFeedbackRequest(
            request_id=self._desk.key("feedback", draft.draft_id),
            ticket_id=ticket_id,
            draft_id=draft.draft_id,
            kind=kind,
        )
        if kind == tickets_pb2.FEEDBACK_KIND_EDITED:
            request.edited_text = sent.body
        recorded = self._desk.record_feedback(request)
        return {"draft": _KINDS[kind], "draft_repeated": not recorded}

    def _noted(
        self, ticket_id: str, thread: Thread
    ) -> tuple[assist_pb2.Draft | None, Comment | None]:
        """Return the draft of our last note and the reply that followed it, if any."""
        replies = first_replies(thread)
        if not replies:
            return None, None
        value, _ = self._desk.record(f"{NOTED}{thread.number}")
        version = value.decode("ascii", "replace")
        for reply in replies:
            if thread.version_before(reply) == version:
                # Asked for by its key: the first answer again, not another draft.
                return self._desk.first_draft(ticket_id, version), reply
        return None, None

    def solved(self, ticket_id: str, thread: Thread) -> Mapping[str, Any]:
        """Record how a ticket ended: a summary's resolution, or the last reply."""
        key = self._desk.key("resolution", ticket_id, thread.version)
        summary = self._desk.summarize(ticket_id, assist_pb2.SUMMARY_KIND_RESOLUTION)
        text = summary.resolution or last_reply(thread)
        if not text:
            return {"step": "solved without a word"}
        recorded = self._desk.record_resolution(ticket_id, text[:_RESOLUTION], key)
        return {"step": "resolution recorded", "resolution_repeated": not recorded}


def last_reply(thread: Thread) -> str:
    """Return the last public words of an agent, '' when there are none."""
    agent = ticket_pb2.AUTHOR_ROLE_AGENT
    replies = [comment.body for comment in thread.public if comment.role == agent]
    return replies[-1] if replies else ""
