"""What was decided and suggested about tickets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, exact_text, key, long_text, words
from sidecar.store.tables.base import column, of_ticket, own_id, table, workspace

classifications = table(
    "classifications",
    workspace(),
    own_id(),
    own_id("ticket_id"),
    column("ticket_etag", key(32)),
    column("category", key(200)),
    column("intent", key(200)),
    column("sentiment", key(16)),
    column("severity", key(16)),
    column("priority", Integer()),
    column("risk", Double()),
    column("language", key(35)),
    column("engine", key(64)),
    column("model", key(200)),
    column("config_version", key(64)),
    column("degraded", Boolean()),
    column("details", exact_text()),
    column("created_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "id"),
    of_ticket(),
    UniqueConstraint("workspace", "ticket_id", "created_at", "id"),
)

drafts = table(
    "drafts",
    workspace(),
    own_id(),
    own_id("ticket_id"),
    column("ticket_etag", key(32)),
    column("text", long_text()),
    column("outcome", key(16)),
    column("blocker", key(32)),
    column("blocker_text", long_text()),
    column("confidence", Double()),
    column("grounded_share", Double()),
    column("language", key(35)),
    column("purpose", key(32)),
    column("template_id", key(64)),
    column("engine", key(64)),
    column("model", key(200)),
    column("input_tokens", BigInteger()),
    column("output_tokens", BigInteger()),
    column("cost_micros_usd", BigInteger()),
    column("details", exact_text()),
    column("created_at", UtcDateTime()),
    column("created_by", words(400)),
    PrimaryKeyConstraint("workspace", "id"),
    of_ticket(),
    UniqueConstraint("workspace", "ticket_id", "created_at", "id"),
)

feedback = table(
    "feedback",
    workspace(),
    own_id(),
    own_id("ticket_id"),
    own_id("draft_id"),
    column("kind", key(16)),
    column("actor", words(400)),
    column("field", key(64)),
    column("value", long_text()),
    column("edited_text", long_text()),
    column("comment", long_text()),
    column("at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "id"),
    of_ticket(),
    UniqueConstraint("workspace", "ticket_id", "at", "id"),
)

reply_templates = table(
    "reply_templates",
    workspace(),
    column("id", key(64)),
    column("name", words(200)),
    column("purpose", key(32)),
    column("language", key(35)),
    column("body", long_text()),
    column("category", key(200)),
    column("severity", key(16)),
    PrimaryKeyConstraint("workspace", "id"),
)

escalations = table(
    "escalations",
    workspace(),
    own_id(),
    own_id("ticket_id"),
    # The ticket's id while unresolved, else NULL: unique keys let NULLs repeat.
    own_id("open_key", nullable=True),
    column("state", key(16)),
    column("level", Integer()),
    column("reasons", exact_text()),
    column("assignee", words(400)),
    column("note", long_text()),
    column("etag", key(32)),
    column("created_at", UtcDateTime()),
    column("updated_at", UtcDateTime()),
    column("created_by", words(400)),
    # Later revisions added these, so rows from before have none.
    column("acknowledged_by", words(400), nullable=True),
    column("acknowledged_at", UtcDateTime(), nullable=True),
    column("resolved_at", UtcDateTime(), nullable=True),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "open_key"),
    of_ticket(),
    UniqueConstraint("workspace", "ticket_id", "id"),
    Index("ix_escalations_list", "workspace", "created_at", "id", "state"),
)
