"""Create connectors."""

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, exact_text, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    create_table(
        "connectors",
        Column("workspace", key(64), nullable=False),
        Column("name", key(64), nullable=False),
        Column("mode", key(16), nullable=False),
        Column("active", Boolean(), nullable=False),
        Column("settings", exact_text(), nullable=False),
        Column("secrets", exact_text(), nullable=False),
        Column("etag", key(32), nullable=False),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("updated_by", words(400), nullable=False),
        PrimaryKeyConstraint("workspace", "name", name="pk_connectors"),
    )


def downgrade() -> None:
    drop_table("connectors")
