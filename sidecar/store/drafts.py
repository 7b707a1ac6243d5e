"""Drafts, what became of them, and a workspace's own templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from sidecar.domain.ids import new_id
from sidecar.domain.reply import (
    Blocker,
    Draft,
    Outcome,
    Purpose,
    ReplyTemplate,
    Usage,
)
from sidecar.domain.ticket import Feedback
from sidecar.errors import LookElsewhere, Reason
from sidecar.store.context import Context, Record
from sidecar.store.encode import decode_draft, encode_draft
from sidecar.store.tables import drafts as t
from sidecar.store.tables import feedback as judgements
from sidecar.store.tables import reply_templates, tickets

_GET = select(t).where(t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id"))
_LATEST = (
    select(t)
    .where(t.c.workspace == bindparam("of"), t.c.ticket_id == bindparam("about"))
    .order_by(t.c.created_at.desc(), t.c.id.desc())
    .limit(1)
)
_TICKET = select(tickets.c.id).where(
    tickets.c.workspace == bindparam("of"), tickets.c.id == bindparam("about")
)
_TEMPLATES = (
    select(reply_templates)
    .where(reply_templates.c.workspace == bindparam("of"))
    .order_by(reply_templates.c.id)
)
_THIS_TEMPLATE = (reply_templates.c.workspace == bindparam("of")) & (
    reply_templates.c.id == bindparam("own_id")
)
_HOLD_TEMPLATE = select(reply_templates).where(_THIS_TEMPLATE).with_for_update()
_UPDATE_TEMPLATE = update(reply_templates).where(_THIS_TEMPLATE)
_DELETE_TEMPLATE = delete(reply_templates).where(_THIS_TEMPLATE)


class SqlDrafts:
    """Drafts and what became of them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, draft: Draft) -> Draft:
        """Store it and return it with its id.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """
        self._need_ticket(workspace, draft.ticket_id)
        now = self._context.now()
        draft = replace(
            draft,
            id=draft.id or new_id("drf", now),
            created_at=draft.created_at or now,
        )
        self._context.insert(t, {"workspace": workspace, **_row(draft)})
        return draft

    def _need_ticket(self, workspace: str, ticket_id: str) -> None:
        place = {"of": workspace, "about": ticket_id}
        if self._context.run(_TICKET, place).first() is None:
            raise LookElsewhere(Reason.TICKET_NOT_FOUND)

    def get(self, workspace: str, draft_id: str) -> Draft | None:
        """Return a draft."""
        found = self._context.run(_GET, {"of": workspace, "own_id": draft_id}).first()
        return _read(found) if found else None

    def latest(self, workspace: str, ticket_id: str) -> Draft | None:
        """Return the newest draft of the ticket."""
        place = {"of": workspace, "about": ticket_id}
        found = self._context.run(_LATEST, place).first()
        return _read(found) if found else None

    def add_feedback(self, workspace: str, feedback: Feedback) -> Feedback:
        """Store a judgement and return it with its id.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """
        self._need_ticket(workspace, feedback.ticket_id)
        now = self._context.now()
        item = replace(
            feedback,
            id=feedback.id or new_id("fbk", now),
            at=feedback.at or now,
        )
        row = {
            "workspace": workspace,
            "id": item.id,
            "ticket_id": item.ticket_id,
            "draft_id": item.draft_id,
            "kind": item.kind.value,
            "actor": item.actor,
            "field": item.field,
            "value": item.value,
            "edited_text": item.edited_text,
            "comment": item.comment,
            "at": item.at,
        }
        self._context.insert(judgements, row)
        return item

    def templates(self, workspace: str) -> Sequence[ReplyTemplate]:
        """Return the workspace's own templates (the built-in ones are code)."""
        rows = self._context.run(_TEMPLATES, {"of": workspace})
        return [_read_template(row) for row in rows]

    def hold_template(self, workspace: str, template_id: str) -> ReplyTemplate | None:
        """Return one of the workspace's own; nobody else changes it meanwhile."""
        place = {"of": workspace, "own_id": template_id}
        found = self._context.run(_HOLD_TEMPLATE, place).first()
        return _read_template(found) if found else None

    def save_template(self, workspace: str, template: ReplyTemplate) -> ReplyTemplate:
        """Insert or update by id; a template without one gets one."""
        own_id = template.id or new_id("tpl", self._context.now())
        template = replace(template, id=own_id, built_in=False)
        values = {
            "name": template.name,
            "purpose": template.purpose.value,
            "language": template.language,
            "body": template.body,
            "category": template.category,
            "severity": template.severity,
        }
        row = {"workspace": workspace, "id": own_id, **values}
        if not self._context.insert_or_keep(reply_templates, row):
            place = {"of": workspace, "own_id": own_id}
            self._context.changed(_UPDATE_TEMPLATE, {**place, **values})
        return template

    def delete_template(self, workspace: str, template_id: str) -> bool:
        """Delete it; False when it was not there."""
        place = {"of": workspace, "own_id": template_id}
        return self._context.run(_DELETE_TEMPLATE, place).rowcount > 0


def _row(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "ticket_id": draft.ticket_id,
        "ticket_etag": draft.ticket_etag,
        "text": draft.text,
        "outcome": draft.outcome.value,
        "blocker": draft.blocker.value,
        "blocker_text": draft.blocker_text,
        "confidence": draft.confidence,
        "grounded_share": draft.grounded_share,
        "language": draft.language,
        "purpose": draft.purpose.value,
        "template_id": draft.template_id,
        "engine": draft.engine,
        "model": draft.model,
        "input_tokens": draft.usage.input_tokens,
        "output_tokens": draft.usage.output_tokens,
        "cost_micros_usd": draft.usage.cost_micros_usd,
        "details": encode_draft(draft),
        "created_at": draft.created_at,
        "created_by": draft.created_by,
    }


def _read(row: Record) -> Draft:
    return Draft(
        text=row.text,
        outcome=Outcome(row.outcome),
        blocker=Blocker(row.blocker),
        blocker_text=row.blocker_text,
        confidence=row.confidence,
        grounded_share=row.grounded_share,
        language=row.language,
        purpose=Purpose(row.purpose),
        template_id=row.template_id,
        engine=row.engine,
        model=row.model,
        usage=Usage(row.input_tokens, row.output_tokens, row.cost_micros_usd),
        id=row.id,
        ticket_id=row.ticket_id,
        ticket_etag=row.ticket_etag,
        created_at=row.created_at,
        created_by=row.created_by,
        **decode_draft(row.details),
    )


def _read_template(row: Record) -> ReplyTemplate:
    return ReplyTemplate(
        id=row.id,
        name=row.name,
        purpose=Purpose(row.purpose),
        language=row.language,
        body=row.body,
        category=row.category,
        severity=row.severity,
        built_in=False,
    )
