"""Add deliveries.ran_out_alone_at."""

from sqlalchemy import Column

from sidecar.store.columns import UtcDateTime
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    add_column("deliveries", Column("ran_out_alone_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    drop_column("deliveries", "ran_out_alone_at")
