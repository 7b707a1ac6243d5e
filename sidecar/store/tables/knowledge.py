"""Documents and their passages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from sidecar.store.columns import Exact, UtcDateTime, exact_text, key, long_text, words
from sidecar.store.tables.base import column, own_id, table, workspace

documents = table(
    "documents",
    workspace(),
    own_id(),
    column("title", long_text()),
    column("title_key", key(200)),
    column("search_key", exact_text()),
    column("source", Exact(200)),
    column("source_url", long_text()),
    column("visibility", key(16)),
    column("language", key(35)),
    column("tags", exact_text()),
    column("state", key(16)),
    column("state_at", UtcDateTime()),
    column("sha256", key(64)),
    column("size_bytes", BigInteger()),
    column("file_name", Exact(255)),
    column("media_type", key(200)),
    column("version", Integer()),
    column("passage_count", Integer()),
    column("valid_until", UtcDateTime(), nullable=True),
    column("created_at", UtcDateTime()),
    column("updated_at", UtcDateTime()),
    column("created_by", words(400)),
    column("error_reason", key(64)),
    column("error_message", long_text()),
    PrimaryKeyConstraint("workspace", "id"),
    Index("ix_documents_title", "workspace", "title_key", "id"),
    Index("ix_documents_same", "workspace", "source", "file_name"),
    Index("ix_documents_state", "state", "state_at"),
)

passages = table(
    "passages",
    workspace(),
    column("id", key(64)),
    own_id("document_id"),
    column("ordinal", Integer()),
    column("heading", long_text()),
    column("text", long_text()),
    column("page", Integer()),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "document_id", "ordinal"),
    ForeignKeyConstraint(
        ["workspace", "document_id"],
        ["documents.workspace", "documents.id"],
        ondelete="CASCADE",
    ),
)
