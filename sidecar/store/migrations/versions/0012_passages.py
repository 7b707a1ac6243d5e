"""Create passages."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import key, long_text
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    create_table(
        "passages",
        Column("workspace", key(64), nullable=False),
        Column("id", key(64), nullable=False),
        Column("document_id", key(32), nullable=False),
        Column("ordinal", Integer(), nullable=False),
        Column("heading", long_text(), nullable=False),
        Column("text", long_text(), nullable=False),
        Column("page", Integer(), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_passages"),
        UniqueConstraint(
            "workspace",
            "document_id",
            "ordinal",
            name="uq_passages_workspace_document_id_ordinal",
        ),
        ForeignKeyConstraint(
            ["workspace", "document_id"],
            ["documents.workspace", "documents.id"],
            name="fk_passages_documents",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    drop_table("passages")
