"""Add deliveries.expiries."""

from sqlalchemy import Column, Integer

from sidecar.store.migrations.steps import add_column, drop_column

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    add_column("deliveries", Column("expiries", Integer(), nullable=True))


def downgrade() -> None:
    drop_column("deliveries", "expiries")
