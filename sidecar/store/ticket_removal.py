"""Taking words and tickets away: from the ticket and from all that quotes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from sidecar.domain.ids import new_etag
from sidecar.domain.ticket import Message, Ticket
from sidecar.store.encode import encode_attachments, without_reason_texts
from sidecar.store.paging import fold
from sidecar.store.tables import classifications as c
from sidecar.store.tables import drafts, escalations, feedback, requests
from sidecar.store.tables import messages as m
from sidecar.store.tables import tickets as t
from sidecar.store.threads import digest
from sidecar.store.ticket_reads import TicketReads

_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_LOCK = select(t).where(_THIS).with_for_update()
_UPDATE = update(t).where(_THIS)
_DELETE = delete(t).where(_THIS)
_MESSAGE = update(m).where(
    m.c.workspace == bindparam("of"),
    m.c.ticket_id == bindparam("own_id"),
    m.c.id == bindparam("message"),
)
_ANSWERS = delete(requests).where(
    requests.c.workspace == bindparam("of"),
    func.instr(requests.c.answer, bindparam("named")) > 0,
)


class TicketRemoval(TicketReads):
    """Redaction and deletion."""

    def rewrite(self, workspace: str, ticket: Ticket) -> Ticket | None:
        """Replace subject, resolution and bodies, and drop what quotes the old ones.

        ``ticket`` is the stored one with its words changed. Drafts go, reasons lose
        their text, and saved answers that show the ticket are forgotten.
        """
        place = {"of": workspace, "own_id": ticket.id}
        found = self._context.run(_LOCK, place).first()
        if found is None:
            return None
        tail = len(found.search_key) - len(fold(found.subject))
        values = {
            "subject": ticket.subject,
            "search_key": found.search_key[:tail] + fold(ticket.subject),
            "resolution": ticket.resolution,
            "etag": new_etag(),
            "unindexed_at": self._context.now(),
        }
        self._context.changed(_UPDATE, {**place, **values})
        self._rewrite_messages(place, ticket.messages)
        self._drop_quotes(workspace, ticket.id)
        return self.get(workspace, ticket.id)

    def _rewrite_messages(
        self, place: dict[str, Any], messages: Sequence[Message]
    ) -> None:
        for message in messages:
            values = {
                "body": message.body,
                "digest": digest(message),
                "attachments": encode_attachments(message.attachments),
            }
            self._context.changed(_MESSAGE, {**place, "message": message.id, **values})

    def _drop_quotes(self, workspace: str, ticket_id: str) -> None:
        run = self._context.run
        of_draft = (drafts.c.workspace == workspace) & (drafts.c.ticket_id == ticket_id)
        run(delete(drafts).where(of_draft))
        of_feedback = (feedback.c.workspace == workspace) & (
            feedback.c.ticket_id == ticket_id
        )
        run(update(feedback).where(of_feedback).values(edited_text="", comment=""))
        of_class = (c.c.workspace == workspace) & (c.c.ticket_id == ticket_id)
        for row in run(select(c.c.id, c.c.details).where(of_class)).all():
            told = without_reason_texts(row.details)
            run(update(c).where(of_class, c.c.id == row.id).values(details=told))
        of_escalation = (escalations.c.workspace == workspace) & (
            escalations.c.ticket_id == ticket_id
        )
        e = escalations.c
        for row in run(select(e.id, e.reasons).where(of_escalation)).all():
            told = without_reason_texts(row.reasons)
            run(
                update(escalations)
                .where(of_escalation, e.id == row.id)
                .values(reasons=told)
            )
        self._forget_answers(workspace, ticket_id)

    def _forget_answers(self, workspace: str, ticket_id: str) -> None:
        self._context.run(_ANSWERS, {"of": workspace, "named": ticket_id.encode()})

    def delete(self, workspace: str, ticket_id: str) -> bool:
        """Delete the ticket with all that hangs on it; False when it was not there."""
        self._forget_answers(workspace, ticket_id)
        place = {"of": workspace, "own_id": ticket_id}
        return self._context.run(_DELETE, place).rowcount > 0
