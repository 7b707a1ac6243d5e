"""Create sessions."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    create_table(
        "sessions",
        Column("digest", key(64), nullable=False),
        Column("workspace", key(64), nullable=False),
        Column("member_id", key(32), nullable=False),
        Column("role", key(16), nullable=False),
        Column("actor", words(400), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("expires_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("digest", name="pk_sessions"),
    )


def downgrade() -> None:
    drop_table("sessions")
