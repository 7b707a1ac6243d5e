"""Create events of the road."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    create_table(
        "events",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("type", key(128), nullable=False),
        Column("schema_version", Integer(), nullable=False),
        Column("source", key(64), nullable=False),
        Column("source_event_id", Exact(255), nullable=False),
        Column("occurred_at", UtcDateTime(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("ticket_key", Exact(600), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("trace_parent", key(100), nullable=False),
        Column("payload", exact_text(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_events"),
        UniqueConstraint(
            *("workspace", "source", "source_event_id"),
            name="uq_events_workspace_source_source_event_id",
        ),
    )


def downgrade() -> None:
    drop_table("events")
