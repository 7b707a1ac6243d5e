"""Create deliveries."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import UtcDateTime, counter, exact_text, key, long_text
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    create_table(
        "deliveries",
        Column("seq", counter(), nullable=False, autoincrement=True),
        Column("workspace", key(64), nullable=False),
        Column("event_id", key(32), nullable=False),
        Column("subscriber", key(64), nullable=False),
        Column("type", key(128), nullable=False),
        Column("order_key", key(32), nullable=False),
        Column("state", key(16), nullable=False),
        Column("attempts", Integer(), nullable=False),
        Column("due_at", UtcDateTime(), nullable=False),
        Column("lease_token", key(32), nullable=False),
        Column("lease_seconds", Integer(), nullable=False),
        Column("lease_until", UtcDateTime(), nullable=True),
        Column("worker", key(100), nullable=False),
        Column("error_reason", key(64), nullable=False),
        Column("error_message", long_text(), nullable=False),
        Column("failed_at", UtcDateTime(), nullable=True),
        Column("ended_at", UtcDateTime(), nullable=True),
        Column("result", exact_text(), nullable=False),
        PrimaryKeyConstraint("seq", name="pk_deliveries"),
        UniqueConstraint(
            *("workspace", "event_id", "subscriber"),
            name="uq_deliveries_workspace_event_id_subscriber",
        ),
        UniqueConstraint(
            *("workspace", "subscriber", "state", "seq"),
            name="uq_deliveries_workspace_subscriber_state_seq",
        ),
        UniqueConstraint(
            *("workspace", "subscriber", "order_key", "state", "seq"),
            name="uq_deliveries_workspace_subscriber_order_key_state_seq",
        ),
        UniqueConstraint("state", "seq", name="uq_deliveries_state_seq"),
    )


def downgrade() -> None:
    drop_table("deliveries")
