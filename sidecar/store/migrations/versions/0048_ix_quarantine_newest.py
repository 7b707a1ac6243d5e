"""Index ix_quarantine_newest."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    create_index("ix_quarantine_newest", "quarantine", "workspace", "created_at")


def downgrade() -> None:
    drop_index("ix_quarantine_newest", "quarantine")
