"""Index ix_deliveries_ran_out_alone."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    create_index(
        "ix_deliveries_ran_out_alone",
        "deliveries",
        *("workspace", "subscriber", "ran_out_alone_at"),
    )


def downgrade() -> None:
    drop_index("ix_deliveries_ran_out_alone", "deliveries")
