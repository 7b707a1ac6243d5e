"""Index ix_documents_same."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    create_index("ix_documents_same", "documents", "workspace", "source", "file_name")


def downgrade() -> None:
    drop_index("ix_documents_same", "documents")
