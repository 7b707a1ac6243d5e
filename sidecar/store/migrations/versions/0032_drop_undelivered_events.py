"""Drop events: what nobody could read yet makes room for the road's own table."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, exact_text, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    drop_table("events")


def downgrade() -> None:
    create_table(
        "events",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("type", key(100), nullable=False),
        Column("subject", words(600), nullable=False),
        Column("payload", exact_text(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_events"),
    )
