"""Create messages."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    create_table(
        "messages",
        Column("workspace", key(64), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("id", key(32), nullable=False),
        Column("position", Integer(), nullable=False),
        Column("external_id", Exact(512), nullable=False),
        Column("digest", key(32), nullable=False),
        Column("author_role", key(16), nullable=False),
        Column("author_external_id", Exact(512), nullable=False),
        Column("author_name", words(500), nullable=False),
        Column("body", long_text(), nullable=False),
        Column("internal", Boolean(), nullable=False),
        Column("sent_at", UtcDateTime(), nullable=True),
        Column("attachments", exact_text(), nullable=False),
        PrimaryKeyConstraint("workspace", "ticket_id", "id", name="pk_messages"),
        UniqueConstraint(
            "workspace",
            "ticket_id",
            "external_id",
            name="uq_messages_workspace_ticket_id_external_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_messages_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("messages")
