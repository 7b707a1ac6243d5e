"""Events, their deliveries, and the connectors at the ends of the road."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import (
    Exact,
    UtcDateTime,
    blob,
    counter,
    exact_text,
    key,
    long_text,
    words,
)
from sidecar.store.tables.base import column, own_id, table, workspace

events = table(
    "events",
    workspace(),
    own_id(),
    column("type", key(128)),
    column("schema_version", Integer()),
    column("source", key(64)),
    column("source_event_id", Exact(255)),
    column("occurred_at", UtcDateTime()),
    column("created_at", UtcDateTime()),
    column("ticket_key", Exact(600)),
    own_id("ticket_id"),
    column("trace_parent", key(100)),
    column("payload", exact_text()),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "source", "source_event_id"),
    Index("ix_events_created", "created_at"),
)

# The unique keys that end in seq are indexes: see ``of_ticket`` for why so written.
deliveries = table(
    "deliveries",
    Column("seq", counter(), primary_key=True, autoincrement=True),
    workspace(),
    own_id("event_id"),
    column("subscriber", key(64)),
    column("type", key(128)),
    # Digest of the event's ticket_key; '' where there is no order to keep.
    column("order_key", key(32)),
    column("state", key(16)),
    column("attempts", Integer()),
    column("due_at", UtcDateTime()),
    column("lease_token", key(32)),
    column("lease_seconds", Integer()),
    column("lease_until", UtcDateTime(), nullable=True),
    column("worker", key(100)),
    column("error_reason", key(64)),
    column("error_message", long_text()),
    column("failed_at", UtcDateTime(), nullable=True),
    column("ended_at", UtcDateTime(), nullable=True),
    column("result", exact_text()),
    # Leases that ran out one after the other, with no answer in between.
    column("expiries", Integer(), nullable=True),
    # The worker of the present lease had others, and some of those ran out.
    column("crowded", Boolean(), nullable=True),
    # When a lease last ran out whose worker had nothing else.
    column("ran_out_alone_at", UtcDateTime(), nullable=True),
    UniqueConstraint("workspace", "event_id", "subscriber"),
    UniqueConstraint("workspace", "subscriber", "state", "seq"),
    UniqueConstraint("workspace", "subscriber", "order_key", "state", "seq"),
    UniqueConstraint("state", "seq"),
    Index("ix_deliveries_ran_out_alone", "workspace", "subscriber", "ran_out_alone_at"),
)

connectors = table(
    "connectors",
    workspace(),
    column("name", key(64)),
    column("mode", key(16)),
    # Decided when saved: set up completely, and not switched off.
    column("active", Boolean()),
    column("settings", exact_text()),
    column("secrets", exact_text()),
    column("etag", key(32)),
    column("updated_at", UtcDateTime()),
    column("updated_by", words(400)),
    PrimaryKeyConstraint("workspace", "name"),
)

connector_records = table(
    "connector_records",
    workspace(),
    column("connector", key(64)),
    column("name", Exact(300)),
    column("value", blob()),
    column("etag", key(32)),
    column("updated_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "connector", "name"),
)

connector_reports = table(
    "connector_reports",
    workspace(),
    column("connector", key(64)),
    column("health", key(16)),
    column("message", long_text()),
    column("reported_at", UtcDateTime()),
    column("last_event_at", UtcDateTime(), nullable=True),
    column("credentials_valid", Boolean()),
    column("rate_limit_remaining", BigInteger()),
    column("rate_limit_reset_at", UtcDateTime(), nullable=True),
    # When the connector began to fail or fell silent; NULL while it works.
    column("trouble_since", UtcDateTime(), nullable=True),
    PrimaryKeyConstraint("workspace", "connector"),
)

# What connectors changed at their vendors, so that a person can see and undo it.
vendor_changes = table(
    "vendor_changes",
    workspace(),
    own_id(),
    column("connector", key(64)),
    own_id("ticket_id"),
    column("external_id", Exact(512)),
    column("field", key(100)),
    column("old_value", long_text()),
    column("new_value", long_text()),
    column("mark", Exact(200)),
    column("made_at", UtcDateTime()),
    column("state", key(24)),
    column("message", long_text()),
    column("reverted_by", words(400)),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "connector", "mark", "field"),
    UniqueConstraint("workspace", "made_at", "id"),
)
