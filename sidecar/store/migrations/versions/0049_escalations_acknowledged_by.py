"""Add escalations.acknowledged_by."""

from sqlalchemy import Column

from sidecar.store.columns import words
from sidecar.store.migrations.steps import add_column, drop_column

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    add_column("escalations", Column("acknowledged_by", words(400), nullable=True))


def downgrade() -> None:
    drop_column("escalations", "acknowledged_by")
