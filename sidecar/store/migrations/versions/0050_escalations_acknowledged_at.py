"""Add escalations.acknowledged_at."""

from sqlalchemy import Column

from sidecar.store.columns import UtcDateTime
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    add_column("escalations", Column("acknowledged_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    drop_column("escalations", "acknowledged_at")
