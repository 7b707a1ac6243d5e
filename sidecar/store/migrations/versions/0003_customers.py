"""Create customers."""

from sqlalchemy import Column, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import Exact, key, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_table(
        "customers",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("identity", key(64), nullable=False),
        Column("external_id", Exact(512), nullable=False),
        Column("email", words(320), nullable=False),
        Column("name", words(500), nullable=False),
        Column("tier", key(16), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_customers"),
        UniqueConstraint(
            "workspace", "identity", name="uq_customers_workspace_identity"
        ),
    )


def downgrade() -> None:
    drop_table("customers")
