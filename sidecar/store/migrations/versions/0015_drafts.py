"""Create drafts."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, exact_text, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    create_table(
        "drafts",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("ticket_etag", key(32), nullable=False),
        Column("text", long_text(), nullable=False),
        Column("outcome", key(16), nullable=False),
        Column("blocker", key(32), nullable=False),
        Column("blocker_text", long_text(), nullable=False),
        Column("confidence", Double(), nullable=False),
        Column("grounded_share", Double(), nullable=False),
        Column("language", key(35), nullable=False),
        Column("purpose", key(32), nullable=False),
        Column("template_id", key(64), nullable=False),
        Column("engine", key(64), nullable=False),
        Column("model", key(200), nullable=False),
        Column("input_tokens", BigInteger(), nullable=False),
        Column("output_tokens", BigInteger(), nullable=False),
        Column("cost_micros_usd", BigInteger(), nullable=False),
        Column("details", exact_text(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("created_by", words(400), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_drafts"),
        UniqueConstraint(
            "workspace",
            "ticket_id",
            "created_at",
            "id",
            name="uq_drafts_workspace_ticket_id_created_at_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_drafts_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("drafts")
