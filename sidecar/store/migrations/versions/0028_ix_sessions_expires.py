"""Index ix_sessions_expires."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    create_index("ix_sessions_expires", "sessions", "expires_at")


def downgrade() -> None:
    drop_index("ix_sessions_expires", "sessions")
