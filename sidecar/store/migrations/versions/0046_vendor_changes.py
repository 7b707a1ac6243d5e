"""Create vendor_changes."""

from sqlalchemy import Column, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import Exact, UtcDateTime, key, long_text, words
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    create_table(
        "vendor_changes",
        Column("workspace", key(64), nullable=False),
        Column("id", key(32), nullable=False),
        Column("connector", key(64), nullable=False),
        Column("ticket_id", key(32), nullable=False),
        Column("external_id", Exact(512), nullable=False),
        Column("field", key(100), nullable=False),
        Column("old_value", long_text(), nullable=False),
        Column("new_value", long_text(), nullable=False),
        Column("mark", Exact(200), nullable=False),
        Column("made_at", UtcDateTime(), nullable=False),
        Column("state", key(24), nullable=False),
        Column("message", long_text(), nullable=False),
        Column("reverted_by", words(400), nullable=False),
        PrimaryKeyConstraint("workspace", "id", name="pk_vendor_changes"),
        UniqueConstraint(
            *("workspace", "connector", "mark", "field"),
            name="uq_vendor_changes_workspace_connector_mark_field",
        ),
        UniqueConstraint(
            *("workspace", "made_at", "id"),
            name="uq_vendor_changes_workspace_made_at_id",
        ),
    )


def downgrade() -> None:
    drop_table("vendor_changes")
