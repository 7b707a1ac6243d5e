"""Create audit."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, counter, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_table(
        "audit",
        Column("id", counter(), autoincrement=True, nullable=False),
        Column("workspace", key(64), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        Column("actor", words(400), nullable=False),
        Column("action", key(100), nullable=False),
        Column("target", words(600), nullable=False),
        Column("request_id", words(200), nullable=False),
        Column("details", long_text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_audit"),
    )


def downgrade() -> None:
    drop_table("audit")
