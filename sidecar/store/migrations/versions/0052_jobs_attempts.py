"""Add jobs.attempts."""

from sqlalchemy import Column, Integer

from sidecar.store.migrations.steps import add_column, drop_column

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    add_column("jobs", Column("attempts", Integer(), nullable=True))


def downgrade() -> None:
    drop_column("jobs", "attempts")
