"""Decisions about tickets; the ticket's row points at the newest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, update

from sidecar.domain.classification import Classification, Sentiment, Severity
from sidecar.domain.ids import new_id
from sidecar.errors import LookElsewhere, Reason
from sidecar.store.context import Context, Record
from sidecar.store.encode import decode_classification, encode_classification
from sidecar.store.paging import BATCH
from sidecar.store.tables import classifications as t
from sidecar.store.tables import tickets

_NEWEST = (
    select(t)
    .select_from(
        tickets.join(
            t,
            (t.c.workspace == tickets.c.workspace) & (t.c.id == tickets.c.latest_id),
        )
    )
    .where(tickets.c.workspace == bindparam("of"), t.c.ticket_id == tickets.c.id)
)
_LATEST = _NEWEST.where(tickets.c.id == bindparam("about"))
_LATEST_OF = _NEWEST.where(tickets.c.id.in_(bindparam("ids", expanding=True)))
_POINT = update(tickets).where(
    tickets.c.workspace == bindparam("of"), tickets.c.id == bindparam("about")
)


class SqlClassifications:
    """Decisions about tickets; the newest one counts."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, workspace: str, item: Classification) -> Classification:
        """Store it and return it with its id.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """
        now = self._context.now()
        item = replace(
            item,
            id=item.id or new_id("cls", now),
            created_at=item.created_at or now,
        )
        latest = {
            "latest_id": item.id,
            "latest_category": item.category.value,
            "latest_sentiment": item.sentiment.value,
            "latest_severity": item.severity.value,
            "latest_risk": item.risk,
        }
        # First the ticket: two writers then wait for its row instead of deadlocking.
        place = {"of": workspace, "about": item.ticket_id}
        if not self._context.changed(_POINT, {**place, **latest}):
            raise LookElsewhere(Reason.TICKET_NOT_FOUND)
        self._context.insert(t, {"workspace": workspace, **_row(item)})
        return item

    def latest(self, workspace: str, ticket_id: str) -> Classification | None:
        """Return the newest decision about the ticket."""
        place = {"of": workspace, "about": ticket_id}
        found = self._context.run(_LATEST, place).first()
        return _read(found) if found else None

    def latest_of(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, Classification]:
        """Return the newest decision about each of the tickets that has one."""
        found: dict[str, Classification] = {}
        for start in range(0, len(ticket_ids), BATCH):
            chosen = {"of": workspace, "ids": ticket_ids[start : start + BATCH]}
            rows = self._context.run(_LATEST_OF, chosen)
            found.update((row.ticket_id, _read(row)) for row in rows)
        return found


def _row(item: Classification) -> dict[str, Any]:
    return {
        "id": item.id,
        "ticket_id": item.ticket_id,
        "ticket_etag": item.ticket_etag,
        "category": item.category.value,
        "intent": item.intent.value,
        "sentiment": item.sentiment.value,
        "severity": item.severity.value,
        "priority": item.priority,
        "risk": item.risk,
        "language": item.language,
        "engine": item.engine,
        "model": item.model,
        "config_version": item.config_version,
        "degraded": item.degraded,
        "details": encode_classification(item),
        "created_at": item.created_at,
    }


def _read(row: Record) -> Classification:
    return Classification(
        sentiment=Sentiment(row.sentiment),
        severity=Severity(row.severity),
        priority=row.priority,
        risk=row.risk,
        language=row.language,
        engine=row.engine,
        model=row.model,
        config_version=row.config_version,
        id=row.id,
        ticket_id=row.ticket_id,
        ticket_etag=row.ticket_etag,
        degraded=row.degraded,
        created_at=row.created_at,
        **decode_classification(row.details),
    )
