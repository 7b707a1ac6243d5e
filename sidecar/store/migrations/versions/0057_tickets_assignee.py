"""Add tickets.assignee."""

from sqlalchemy import Column

from sidecar.store.columns import words
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    add_column("tickets", Column("assignee", words(500), nullable=True))


def downgrade() -> None:
    drop_column("tickets", "assignee")
