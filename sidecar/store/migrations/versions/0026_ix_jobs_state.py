"""Index ix_jobs_state."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    create_index("ix_jobs_state", "jobs", "state", "created_at")


def downgrade() -> None:
    drop_index("ix_jobs_state", "jobs")
