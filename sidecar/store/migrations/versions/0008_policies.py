"""Create policies."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import Exact, exact_text, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_table(
        "policies",
        Column("workspace", key(64), nullable=False),
        Column("name", Exact(100), nullable=False),
        Column("value", exact_text(), nullable=False),
        Column("etag", key(32), nullable=False),
        PrimaryKeyConstraint("workspace", "name", name="pk_policies"),
    )


def downgrade() -> None:
    drop_table("policies")
