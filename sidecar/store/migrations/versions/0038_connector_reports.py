"""Create connector_reports."""

from sqlalchemy import BigInteger, Boolean, Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, key, long_text
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    create_table(
        "connector_reports",
        Column("workspace", key(64), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("health", key(16), nullable=False),
        Column("message", long_text(), nullable=False),
        Column("reported_at", UtcDateTime(), nullable=False),
        Column("last_event_at", UtcDateTime(), nullable=True),
        Column("credentials_valid", Boolean(), nullable=False),
        Column("rate_limit_remaining", BigInteger(), nullable=False),
        Column("rate_limit_reset_at", UtcDateTime(), nullable=True),
        Column("trouble_since", UtcDateTime(), nullable=True),
        PrimaryKeyConstraint("workspace", "connector", name="pk_connector_reports"),
    )


def downgrade() -> None:
    drop_table("connector_reports")
