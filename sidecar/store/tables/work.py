"""Configuration, long work and answers already given."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, PrimaryKeyConstraint

from sidecar.store.columns import (
    Exact,
    UtcDateTime,
    blob,
    exact_text,
    key,
    long_text,
)
from sidecar.store.tables.base import column, own_id, table, workspace

policies = table(
    "policies",
    workspace(),
    column("name", Exact(100)),
    column("value", exact_text()),
    column("etag", key(32)),
    PrimaryKeyConstraint("workspace", "name"),
)

jobs = table(
    "jobs",
    workspace(),
    own_id(),
    column("kind", key(64)),
    column("state", key(16)),
    column("done", BigInteger()),
    column("total", BigInteger()),
    column("message", long_text()),
    column("created_at", UtcDateTime()),
    column("updated_at", UtcDateTime()),
    column("worker", key(100)),
    column("lease_until", UtcDateTime(), nullable=True),
    column("attempts", Integer(), nullable=True),
    PrimaryKeyConstraint("workspace", "id"),
    Index("ix_jobs_state", "state", "created_at"),
    Index("ix_jobs_newest", "workspace", "created_at"),
)

requests = table(
    "requests",
    workspace(),
    column("rpc", key(100)),
    column("request_id", Exact(200)),
    column("digest", key(64)),
    column("holder", key(32)),
    column("lease_until", UtcDateTime(), nullable=True),
    column("answer", blob(), nullable=True),
    column("created_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "rpc", "request_id"),
    Index("ix_requests_created", "created_at"),
)
