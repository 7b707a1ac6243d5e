"""Create documents."""

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_table(
        "documents",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("title", long_text(), nullable=False),
        Column("title_key", key(200), nullable=False),
        Column("search_key", exact_text(), nullable=False),
        Column("source", Exact(200), nullable=False),
        Column("source_url", long_text(), nullable=False),
        Column("visibility", key(16), nullable=False),
        Column("language", key(35), nullable=False),
        Column("tags", exact_text(), nullable=False),
        Column("state", key(16), nullable=False),
        Column("state_at", UtcDateTime(), nullable=False),
        Column("sha256", key(64), nullable=False),
        Column("size_bytes", BigInteger(), nullable=False),
        Column("file_name", Exact(255), nullable=False),
        Column("media_type", key(200), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("passage_count", Integer(), nullable=False),
        Column("valid_until", UtcDateTime(), nullable=True),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("created_by", words(400), nullable=False),
        Column("error_reason", key(64), nullable=False),
        Column("error_message", long_text(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_documents"),
    )


def downgrade() -> None:
    drop_table("documents")
