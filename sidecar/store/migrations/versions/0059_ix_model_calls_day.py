"""Index ix_model_calls_day."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    create_index("ix_model_calls_day", "model_calls", "day")


def downgrade() -> None:
    drop_index("ix_model_calls_day", "model_calls")
