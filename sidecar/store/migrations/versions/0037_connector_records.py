"""Create connector_records."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import Exact, UtcDateTime, blob, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    create_table(
        "connector_records",
        Column("workspace", key(64), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("name", Exact(300), nullable=False),
        Column("value", blob(), nullable=False),
        Column("etag", key(32), nullable=False),
        Column("updated_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint(
            *("workspace", "connector", "name"), name="pk_connector_records"
        ),
    )


def downgrade() -> None:
    drop_table("connector_records")
