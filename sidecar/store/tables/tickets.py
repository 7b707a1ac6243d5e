"""Tickets, their messages and customers."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key, long_text, words
from sidecar.store.tables.base import column, of_ticket, own_id, table, workspace

customers = table(
    "customers",
    workspace(),
    own_id(),
    column("identity", key(64)),
    column("external_id", Exact(512)),
    column("email", words(320)),
    column("name", words(500)),
    column("tier", key(16)),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "identity"),
)

tickets = table(
    "tickets",
    workspace(),
    own_id(),
    column("connector", key(64)),
    column("external_id", Exact(512)),
    column("subject", long_text()),
    own_id("customer_id", nullable=True),
    column("channel", key(64)),
    column("status", key(16)),
    column("vendor_priority", words(100)),
    column("tags", exact_text()),
    column("url", long_text()),
    column("product_area", words(200)),
    column("resolution", long_text()),
    column("satisfaction", Integer()),
    column("created_at", UtcDateTime(), nullable=True),
    column("updated_at", UtcDateTime(), nullable=True),
    column("stored_at", UtcDateTime()),
    column("sort_at", UtcDateTime()),
    column("etag", key(32)),
    column("unindexed_at", UtcDateTime(), nullable=True),
    column("awaiting_agent", Boolean()),
    column("search_key", exact_text()),
    own_id("latest_id", nullable=True),
    column("latest_category", key(200), nullable=True),
    column("latest_sentiment", key(16), nullable=True),
    column("latest_severity", key(16), nullable=True),
    column("latest_risk", Double(), nullable=True),
    column("assignee", words(500), nullable=True),
    column("assigned_at", UtcDateTime(), nullable=True),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "connector", "external_id"),
    ForeignKeyConstraint(
        ["workspace", "customer_id"], ["customers.workspace", "customers.id"]
    ),
    # One index answers every list: order first, then all that a filter may ask.
    Index(
        "ix_tickets_list",
        "workspace",
        "sort_at",
        "id",
        "status",
        "awaiting_agent",
        "connector",
        "latest_category",
        "latest_sentiment",
        "latest_severity",
        "latest_risk",
    ),
    UniqueConstraint("workspace", "customer_id", "sort_at", "id"),
    Index("ix_tickets_unindexed", "unindexed_at"),
)

messages = table(
    "messages",
    workspace(),
    own_id("ticket_id"),
    own_id(),
    column("position", Integer()),
    column("external_id", Exact(512)),
    column("digest", key(32)),
    column("author_role", key(16)),
    column("author_external_id", Exact(512)),
    column("author_name", words(500)),
    column("body", long_text()),
    column("internal", Boolean()),
    column("sent_at", UtcDateTime(), nullable=True),
    column("attachments", exact_text()),
    # A thread is read as a whole: the key keeps its rows side by side.
    PrimaryKeyConstraint("workspace", "ticket_id", "id"),
    UniqueConstraint("workspace", "ticket_id", "external_id"),
    of_ticket(),
)
