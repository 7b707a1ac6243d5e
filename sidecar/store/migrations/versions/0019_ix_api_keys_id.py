"""Index ix_api_keys_id."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    create_index("ix_api_keys_id", "api_keys", "id")


def downgrade() -> None:
    drop_index("ix_api_keys_id", "api_keys")
