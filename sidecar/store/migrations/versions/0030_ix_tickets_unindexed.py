"""Index ix_tickets_unindexed."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    create_index("ix_tickets_unindexed", "tickets", "unindexed_at")


def downgrade() -> None:
    drop_index("ix_tickets_unindexed", "tickets")
