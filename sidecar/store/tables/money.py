"""What language models cost: a total a day, and every call."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint

from sidecar.store.columns import key
from sidecar.store.tables.base import column, own_id, table, workspace

model_days = table(
    "model_days",
    workspace(),
    column("day", key(10)),
    column("cost_micros_usd", BigInteger()),
    PrimaryKeyConstraint("workspace", "day"),
)

model_calls = table(
    "model_calls",
    workspace(),
    own_id(),
    column("day", key(10)),
    column("provider", key(32)),
    column("model", key(200)),
    column("task", key(32)),
    own_id("ticket_id"),
    column("outcome", key(32)),
    column("fresh_tokens", BigInteger()),
    column("cache_read_tokens", BigInteger()),
    column("cache_write_tokens", BigInteger()),
    column("output_tokens", BigInteger()),
    column("cost_micros_usd", BigInteger()),
    PrimaryKeyConstraint("workspace", "id"),
    Index("ix_model_calls_ticket", "workspace", "ticket_id"),
    # The purge looks for old ones of all workspaces.
    Index("ix_model_calls_day", "day"),
)
