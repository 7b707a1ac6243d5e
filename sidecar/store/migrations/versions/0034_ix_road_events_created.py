"""Index ix_events_created."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    create_index("ix_events_created", "events", "created_at")


def downgrade() -> None:
    drop_index("ix_events_created", "events")
