"""Index ix_audit_workspace."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    create_index("ix_audit_workspace", "audit", "workspace", "id")


def downgrade() -> None:
    drop_index("ix_audit_workspace", "audit")
