"""Keys, people, sessions and the audit log."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, UniqueConstraint

from sidecar.store.columns import Exact, UtcDateTime, counter, key, long_text, words
from sidecar.store.tables.base import column, own_id, table, workspace

api_keys = table(
    "api_keys",
    workspace(),
    own_id(),
    column("digest", key(64)),
    column("name", words(200)),
    column("role", key(16)),
    column("connector", key(64)),
    column("created_at", UtcDateTime()),
    column("expires_at", UtcDateTime(), nullable=True),
    column("revoked_at", UtcDateTime(), nullable=True),
    column("last_used_at", UtcDateTime(), nullable=True),
    column("created_by", words(400)),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("digest"),
    Index("ix_api_keys_id", "id"),
)

members = table(
    "members",
    workspace(),
    own_id(),
    column("email", words(320)),
    column("email_key", Exact(320)),
    column("name", words(500)),
    column("role", key(16)),
    column("active", Boolean()),
    column("password_hash", key(255)),
    column("created_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "email_key"),
)

member_accounts = table(
    "member_accounts",
    workspace(),
    column("connector", key(64)),
    column("team_id", key(100)),
    column("user_id", key(100)),
    own_id("member_id"),
    column("linked_at", UtcDateTime()),
    PrimaryKeyConstraint("workspace", "connector", "team_id", "user_id"),
    Index("ix_member_accounts_member", "workspace", "member_id"),
)

sessions = table(
    "sessions",
    column("digest", key(64)),
    workspace(),
    own_id("member_id"),
    column("role", key(16)),
    column("actor", words(400)),
    column("created_at", UtcDateTime()),
    column("expires_at", UtcDateTime()),
    PrimaryKeyConstraint("digest"),
    Index("ix_sessions_expires", "expires_at"),
)

audit = table(
    "audit",
    Column("id", counter(), primary_key=True, autoincrement=True),
    workspace(),
    column("at", UtcDateTime()),
    column("actor", words(400)),
    column("action", key(100)),
    column("target", words(600)),
    column("request_id", words(200)),
    column("details", long_text()),
    Index("ix_audit_workspace", "workspace", "id"),
)
