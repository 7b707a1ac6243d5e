"""Create model_days."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint

from sidecar.store.columns import key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    create_table(
        "model_days",
        Column("workspace", key(64), nullable=False),
        Column("day", key(10), nullable=False),
        Column("cost_micros_usd", BigInteger(), nullable=False),
        PrimaryKeyConstraint("workspace", "day", name="pk_model_days"),
    )


def downgrade() -> None:
    drop_table("model_days")
