"""Index ix_jobs_newest."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    create_index("ix_jobs_newest", "jobs", "workspace", "created_at")


def downgrade() -> None:
    drop_index("ix_jobs_newest", "jobs")
