"""Create escalations."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, exact_text, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    create_table(
        "escalations",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("open_key", key(32), nullable=True),
        Column("state", key(16), nullable=False),
        Column("level", Integer(), nullable=False),
        Column("reasons", exact_text(), nullable=False),
        Column("assignee", words(400), nullable=False),
        Column("note", long_text(), nullable=False),
        Column("etag", key(32), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("created_by", words(400), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_escalations"),
        UniqueConstraint(
            "workspace", "ticket_id", "id", name="uq_escalations_workspace_ticket_id_id"
        ),
        UniqueConstraint(
            "workspace", "open_key", name="uq_escalations_workspace_open_key"
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_escalations_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("escalations")
