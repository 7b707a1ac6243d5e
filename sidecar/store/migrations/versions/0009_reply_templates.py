"""Create reply_templates."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_table(
        "reply_templates",
        Column("workspace", key(64), nullable=False),
        Column("id", key(64), nullable=False),
        Column("name", words(200), nullable=False),
        Column("purpose", key(32), nullable=False),
        Column("language", key(35), nullable=False),
        Column("body", long_text(), nullable=False),
        Column("category", key(200), nullable=False),
        Column("severity", key(16), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_reply_templates"),
    )


def downgrade() -> None:
    drop_table("reply_templates")
