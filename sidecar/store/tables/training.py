"""Trained classifiers, and the texts a training waits with."""

from __future__ import annotations

from sqlalchemy import BigInteger, PrimaryKeyConstraint

from sidecar.store.columns import UtcDateTime, blob, exact_text, key
from sidecar.store.tables.base import column, table, workspace

classifiers = table(
    "classifiers",
    workspace(),
    column("version", BigInteger()),
    column("embedder", key(200)),
    column("labels", BigInteger()),
    column("texts", BigInteger()),
    column("report", exact_text()),
    column("job_id", key(32)),
    column("digest", key(64)),
    column("content", blob()),
    column("created_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "version"),
)

training_texts = table(
    "training_texts",
    workspace(),
    column("job_id", key(32)),
    column("part", BigInteger()),
    column("content", blob()),
    PrimaryKeyConstraint("workspace", "job_id", "part"),
)
