"""Create classifiers."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, blob, exact_text, key
from sidecar.store.migrations.steps import create_table, drop_table

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    create_table(
        "classifiers",
        Column("workspace", key(64), nullable=False),
        Column("version", BigInteger(), nullable=False),
        Column("embedder", key(200), nullable=False),
        Column("labels", BigInteger(), nullable=False),
        Column("texts", BigInteger(), nullable=False),
        Column("report", exact_text(), nullable=False),
        Column("job_id", key(32), nullable=False),
        Column("digest", key(64), nullable=False),
        Column("content", blob(), nullable=False),
        Column("created_at", UtcDateTime(), nullable=False),
        PrimaryKeyConstraint("workspace", "version", name="pk_classifiers"),
    )


def downgrade() -> None:
    drop_table("classifiers")
