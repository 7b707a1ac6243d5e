"""Add escalations.resolved_at."""

from sqlalchemy import Column

from sidecar.store.columns import UtcDateTime
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    add_column("escalations", Column("resolved_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    drop_column("escalations", "resolved_at")
