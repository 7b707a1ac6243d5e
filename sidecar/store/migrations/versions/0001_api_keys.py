"""Create api_keys."""

from sqlalchemy import Column, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import UtcDateTime, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_table(
        "api_keys",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("digest", key(64), nullable=False),
        Column("name", words(200), nullable=False),
        Column("role", key(16), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("expires_at", UtcDateTime(), nullable=True),
        Column("revoked_at", UtcDateTime(), nullable=True),
        Column("last_used_at", UtcDateTime(), nullable=True),
        Column("created_by", words(400), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_api_keys"),
        UniqueConstraint("digest", name="uq_api_keys_digest"),
    )


def downgrade() -> None:
    drop_table("api_keys")
