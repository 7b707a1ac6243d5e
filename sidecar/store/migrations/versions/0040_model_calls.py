"""Create model_calls."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint

from sidecar.store.columns import key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    create_table(
        "model_calls",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("day", key(10), nullable=False),
        Column("provider", key(32), nullable=False),
        Column("model", key(200), nullable=False),
        Column("task", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("outcome", key(32), nullable=False),
        Column("fresh_tokens", BigInteger(), nullable=False),
        Column("cache_read_tokens", BigInteger(), nullable=False),
        Column("cache_write_tokens", BigInteger(), nullable=False),
        Column("output_tokens", BigInteger(), nullable=False),
        Column("cost_micros_usd", BigInteger(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_model_calls"),
    )


def downgrade() -> None:
    drop_table("model_calls")
