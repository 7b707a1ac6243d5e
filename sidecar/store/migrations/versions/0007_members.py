"""Create members."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import Exact, UtcDateTime, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_table(
        "members",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("email", words(320), nullable=False),
        Column("email_key", Exact(320), nullable=False),
        Column("name", words(500), nullable=False),
        Column("role", key(16), nullable=False),
        Column("active", Boolean(), nullable=False),
        Column("password_hash", key(255), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_members"),
        UniqueConstraint(
            "workspace", "email_key", name="uq_members_workspace_email_key"
        ),
    )


def downgrade() -> None:
    drop_table("members")
