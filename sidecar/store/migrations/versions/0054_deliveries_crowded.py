"""Add deliveries.crowded."""

from sqlalchemy import Boolean, Column

from sidecar.store.migrations.steps import add_column, drop_column

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    add_column("deliveries", Column("crowded", Boolean(), nullable=True))


def downgrade() -> None:
    drop_column("deliveries", "crowded")
