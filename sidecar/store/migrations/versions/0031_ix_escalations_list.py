"""Index ix_escalations_list."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    create_index(
        "ix_escalations_list", "escalations", "workspace", "created_at", "id", "state"
    )


def downgrade() -> None:
    drop_index("ix_escalations_list", "escalations")
