"""What is set aside because it tries to instruct the engine."""

from __future__ import annotations

from sqlalchemy import Double, Index, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import UtcDateTime, exact_text, key
from sidecar.store.tables.base import column, of_ticket, own_id, table, workspace

quarantine = table(
    "quarantine",
    workspace(),
    own_id(),
    own_id("ticket_id", nullable=True),
    column("message_id", key(64)),
    column("document_id", key(64)),
    column("excerpt", exact_text()),
    column("confidence", Double()),
    column("state", key(16)),
    column("created_at", UtcDateTime()),
    column("decided_by", key(200)),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "ticket_id", "id"),
    of_ticket(),
    Index("ix_quarantine_newest", "workspace", "created_at"),
)
