"""Index ix_tickets_list."""

from sidecar.store.migrations.steps import create_index, drop_index

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    create_index(
        "ix_tickets_list",
        "tickets",
        "workspace",
        "sort_at",
        "id",
        "status",
        "awaiting_agent",
        "connector",
        "latest_category",
        "latest_sentiment",
        "latest_severity",
        "latest_risk",
    )


def downgrade() -> None:
    drop_index("ix_tickets_list", "tickets")
