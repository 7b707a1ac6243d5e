"""Index ix_documents_title."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    create_index("ix_documents_title", "documents", "workspace", "title_key", "id")


def downgrade() -> None:
    drop_index("ix_documents_title", "documents")
