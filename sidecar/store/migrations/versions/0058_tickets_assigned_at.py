"""Add tickets.assigned_at."""

from sqlalchemy import Column

from sidecar.store.columns import UtcDateTime
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    add_column("tickets", Column("assigned_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    drop_column("tickets", "assigned_at")
