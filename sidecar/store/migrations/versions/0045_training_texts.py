"""Create training_texts."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint

from sidecar.store.columns import blob, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    create_table(
        "training_texts",
        Column("workspace", key(64), nullable=False),
        Column("job_id", key(32), nullable=False),
        Column("part", BigInteger(), nullable=False),
        Column("content", blob(), nullable=False),
        PrimaryKeyConstraint("workspace", "job_id", "part", name="pk_training_texts"),
    )


def downgrade() -> None:
    drop_table("training_texts")
