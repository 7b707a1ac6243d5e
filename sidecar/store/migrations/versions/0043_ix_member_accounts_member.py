"""Index ix_member_accounts_member."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    create_index(
        "ix_member_accounts_member", "member_accounts", "workspace", "member_id"
    )


def downgrade() -> None:
    drop_index("ix_member_accounts_member", "member_accounts")
