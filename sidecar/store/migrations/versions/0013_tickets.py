"""Create tickets."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    create_table(
        "tickets",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("external_id", Exact(512), nullable=False),
        Column("subject", long_text(), nullable=False),
        Column("customer_id", key(32), nullable=True),
        Column("channel", key(64), nullable=False),
        Column("status", key(16), nullable=False),
        Column("vendor_priority", words(100), nullable=False),
        Column("tags", exact_text(), nullable=False),
        Column("url", long_text(), nullable=False),
        Column("product_area", words(200), nullable=False),
        Column("resolution", long_text(), nullable=False),
        Column("satisfaction", Integer(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=True),
        Column("updated_at", UtcDateTime(), nullable=True),
        Column("stored_at", UtcDateTime(), nullable=False),
        Column("sort_at", UtcDateTime(), nullable=False),
        Column("etag", key(32), nullable=False),
        Column("unindexed_at", UtcDateTime(), nullable=True),
        Column("awaiting_agent", Boolean(), nullable=False),
        Column("search_key", exact_text(), nullable=False),
        Column("latest_id", key(32), nullable=True),
        Column("latest_category", key(200), nullable=True),
        Column("latest_sentiment", key(16), nullable=True),
        Column("latest_severity", key(16), nullable=True),
        Column("latest_risk", Double(), nullable=True),
        PrimaryKeyConstraint("workspace", "id", name="pk_tickets"),
        UniqueConstraint(
            "workspace",
            "customer_id",
            "sort_at",
            "id",
            name="uq_tickets_workspace_customer_id_sort_at_id",
        ),
        UniqueConstraint(
            "workspace",
            "connector",
            "external_id",
            name="uq_tickets_workspace_connector_external_id",
        ),
        ForeignKeyConstraint(
            ["workspace", "customer_id"],
            ["customers.workspace", "customers.id"],
            name="fk_tickets_customers",
        ),
    )


def downgrade() -> None:
    drop_table("tickets")
