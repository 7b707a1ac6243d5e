"""Create member_accounts."""

from sqlalchemy import Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    create_table(
        "member_accounts",
        Column("workspace", key(64), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("team_id", key(100), nullable=False),
        Column("user_id", key(100), nullable=False),
        Column("member_id", key(32), nullable=False),
        Column("linked_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint(
            "workspace",
            "connector",
            "team_id",
            "user_id",
            name="pk_member_accounts",
        ),
    )


def downgrade() -> None:
    drop_table("member_accounts")
