"""Index ix_documents_state."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    create_index("ix_documents_state", "documents", "state", "state_at")


def downgrade() -> None:
    drop_index("ix_documents_state", "documents")
