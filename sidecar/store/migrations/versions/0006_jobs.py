"""Create jobs."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, key, long_text
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create_table(
        "jobs",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("kind", key(64), nullable=False),
        Column("state", key(16), nullable=False),
        Column("done", BigInteger(), nullable=False),
        Column("total", BigInteger(), nullable=False),
        Column("message", long_text(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("updated_at", UtcDateTime(), nullable=False),
        Column("worker", key(100), nullable=False),
        Column("lease_until", UtcDateTime(), nullable=True),
        PrimaryKeyConstraint("workspace", "id", name="pk_jobs"),
    )


def downgrade() -> None:
    drop_table("jobs")
