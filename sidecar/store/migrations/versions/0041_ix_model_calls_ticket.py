"""Index ix_model_calls_ticket."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    create_index("ix_model_calls_ticket", "model_calls", "workspace", "ticket_id")


def downgrade() -> None:
    drop_index("ix_model_calls_ticket", "model_calls")
