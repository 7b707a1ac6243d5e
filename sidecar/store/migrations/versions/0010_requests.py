"""Create requests."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import Exact, UtcDateTime, blob, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    create_table(
        "requests",
        Column("workspace", key(64), nullable=False),
        Column("rpc", key(100), nullable=False),
        Column("request_id", Exact(200), nullable=False),
        Column("digest", key(64), nullable=False),
        Column("holder", key(32), nullable=False),
        Column("lease_until", UtcDateTime(), nullable=True),
        Column("answer", blob(), nullable=True),
        Column("created_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "rpc", "request_id", name="pk_requests"),
    )


def downgrade() -> None:
    drop_table("requests")
