"""Create quarantine."""

from sqlalchemy import (
    Column,
    Double,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, exact_text, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    create_table(
        "quarantine",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=True),
        Column("message_id", key(64), nullable=False),
        Column("document_id", key(64), nullable=False),
        Column("excerpt", exact_text(), nullable=False),
        Column("confidence", Double(), nullable=False),
        Column("state", key(16), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("decided_by", key(200), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_quarantine"),
        UniqueConstraint(
            "workspace",
            "ticket_id",
            "id",
            name="uq_quarantine_workspace_ticket_id_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_quarantine_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("quarantine")
