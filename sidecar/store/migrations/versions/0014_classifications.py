"""Create classifications."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import UtcDateTime, exact_text, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    create_table(
        "classifications",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("ticket_etag", key(32), nullable=False),
        Column("category", key(200), nullable=False),
        Column("intent", key(200), nullable=False),
        Column("sentiment", key(16), nullable=False),
        Column("severity", key(16), nullable=False),
        Column("priority", Integer(), nullable=False),
        Column("risk", Double(), nullable=False),
        Column("language", key(35), nullable=False),
        Column("engine", key(64), nullable=False),
        Column("model", key(200), nullable=False),
        Column("config_version", key(64), nullable=False),
        Column("degraded", Boolean(), nullable=False),
        Column("details", exact_text(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_classifications"),
        UniqueConstraint(
            "workspace",
            "ticket_id",
            "created_at",
            "id",
            name="uq_classifications_workspace_ticket_id_created_at_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "ticket_id"],
            ["tickets.workspace", "tickets.id"],
            name="fk_classifications_tickets",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("classifications")
