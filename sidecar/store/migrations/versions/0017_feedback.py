"""Create feedback."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    create_table(
        "feedback",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("draft_id", key(32), nullable=False),
        Column("kind", key(16), nullable=False),
        Column("actor", words(400), nullable=False),
        Column("field", key(64), nullable=False),
        Column("value", long_text(), nullable=False),
        Column("edited_text", long_text(), nullable=False),
        Column("comment", long_text(), nullable=False),
        Column("at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_feedback"),
        UniqueConstraint(
            "workspace",
            "ticket_id",
            "at",
            "id",
            name="uq_feedback_workspace_ticket_id_at_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_feedback_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("feedback")
