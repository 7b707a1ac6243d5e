"""Index ix_requests_created."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    create_index("ix_requests_created", "requests", "created_at")


def downgrade() -> None:
    drop_index("ix_requests_created", "requests")
