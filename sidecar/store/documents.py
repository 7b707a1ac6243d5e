"""Knowledge: documents and their passages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import NullType

from sidecar.domain.ids import new_id
from sidecar.domain.knowledge import (
    Document,
    DocumentFilter,
    DocumentState,
    StoredPassage,
    Visibility,
)
from sidecar.store.context import Context, Record
from sidecar.store.encode import decode_strings, encode_strings
from sidecar.store.paging import contains, fold, page_of, read_cursor
from sidecar.store.port import Page
from sidecar.store.tables import documents as t
from sidecar.store.tables import passages as p

_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_GET = select(t).where(_THIS)
_LOCK = _GET.with_for_update()
_UPDATE = update(t).where(_THIS)
_DELETE = delete(t).where(_THIS)
_SAME = (
    select(t)
    .where(
        t.c.workspace == bindparam("of"),
        t.c.source == bindparam("from_"),
        t.c.file_name == bindparam("named"),
    )
    .order_by(t.c.updated_at.desc(), t.c.id.desc())
    .limit(1)
)
_OWN = (p.c.workspace == bindparam("of")) & (
    p.c.document_id == bindparam("in_document")
)
_PASSAGES_OF = select(p).where(_OWN).order_by(p.c.ordinal)
_DELETE_PASSAGES = delete(p).where(_OWN)
# Asked for by every search, so unlike the others: one statement, a fixed number of ids
# (those missing repeat the first), and values as the driver gives them, because a row
# seen before need not be read again.
_AT_ONCE = 32
_IDS = [f"id_{number}" for number in range(_AT_ONCE)]
_PASSAGE_COLUMNS = [
    p.c.id,
    p.c.document_id,
    p.c.ordinal,
    p.c.heading,
    p.c.text,
    p.c.page,
]
_UNREAD = {"workspace", "title_key", "search_key", "state_at"}
_DOCUMENT_COLUMNS = [column for column in t.c if column.name not in _UNREAD]
_PASSAGES = (
    select(
        *(
            type_coerce(column, NullType()).label(f"value_{number}")
            for number, column in enumerate([*_PASSAGE_COLUMNS, *_DOCUMENT_COLUMNS])
        )
    )
    .select_from(
        p.join(t, and_(t.c.workspace == p.c.workspace, t.c.id == p.c.document_id))
    )
    .where(
        p.c.workspace == bindparam("of"),
        p.c.id.in_([bindparam(name) for name in _IDS]),
        t.c.state == DocumentState.READY.value,
    )
)
_DOCUMENTS_REMEMBERED = 512
_IN_STATE = (
    select(t)
    .where(
        t.c.state.in_(bindparam("states", expanding=True)),
        t.c.state_at < bindparam("before"),
    )
    .order_by(t.c.state_at)
    .limit(bindparam("limit"))
)
_ALL_READY = update(t).where(
    t.c.workspace == bindparam("of"), t.c.state == DocumentState.READY.value
)
_COUNT = select(
    select(func.count())
    .select_from(t)
    .where(t.c.workspace == bindparam("of"))
    .scalar_subquery(),
    select(func.count())
    .select_from(p)
    .where(p.c.workspace == bindparam("of"))
    .scalar_subquery(),
)


class SqlDocuments:
    """Documents and their passages."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def put(
        self, workspace: str, document: Document, passages: Sequence[StoredPassage]
    ) -> Document:
        """Insert or replace the document with all its passages, as INDEXING."""
        now = self._context.now()
        own_id = document.id or new_id("doc", now)
        place = {"of": workspace, "own_id": own_id}
        old = self._context.run(_LOCK, place).first() if document.id else None
        document = replace(
            document,
            id=own_id,
            state=DocumentState.INDEXING,
            passage_count=len(passages),
            created_at=document.created_at or (old.created_at if old else now),
            updated_at=document.updated_at or now,
        )
        values = {**_row(document), "state_at": now}
        row = {"workspace": workspace, "id": own_id, **values}
        if old or not self._context.insert_or_keep(t, row):
            self._context.changed(_UPDATE, {**place, **values})
        owner = {"of": workspace, "in_document": own_id}
        self._context.run(_DELETE_PASSAGES, owner)
        rows = [_passage_row(workspace, own_id, item, now) for item in passages]
        self._context.insert_many(p, rows)
        return document

    def find_same(self, workspace: str, source: str, file_name: str) -> Document | None:
        """Return the document earlier uploaded from there under that name."""
        place = {"of": workspace, "from_": source, "named": file_name}
        found = self._context.run(_SAME, place).first()
        return _read(found) if found else None

    def get(self, workspace: str, document_id: str) -> Document | None:
        """Return a document's metadata."""
        place = {"of": workspace, "own_id": document_id}
        found = self._context.run(_GET, place).first()
        return _read(found) if found else None

    def passages_of(self, workspace: str, document_id: str) -> list[StoredPassage]:
        """Return its passages in order."""
        place = {"of": workspace, "in_document": document_id}
        return [_passage(row) for row in self._context.run(_PASSAGES_OF, place)]

    def passages(
        self, workspace: str, passage_ids: Sequence[str]
    ) -> dict[str, tuple[StoredPassage, Document]]:
        """Return the passages that exist and whose document is READY, by id."""
        found: dict[str, tuple[StoredPassage, Document]] = {}
        wanted = list(dict.fromkeys(passage_ids))
        width = len(_PASSAGE_COLUMNS)
        dialect = self._context.connection.dialect
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            some += some[:1] * (_AT_ONCE - len(some))
            place = {"of": workspace, **dict(zip(_IDS, some, strict=True))}
            for row in self._context.run(_PASSAGES, place):
                values = tuple(row)
                passage = StoredPassage(*values[:width])
                found[passage.id] = (passage, _known(dialect, values[width:]))
        return found

    def page(
        self, workspace: str, where: DocumentFilter, size: int, cursor: str
    ) -> Page[Document]:
        """Return a stable page of documents by title and id."""
        chosen = _chosen(workspace, where)
        query = select(t).where(chosen)
        if cursor:
            title, own_id = read_cursor(cursor, str)
            after = or_(t.c.title_key > title, t.c.id > own_id)
            query = query.where(t.c.title_key >= title, after)
        query = query.order_by(t.c.title_key, t.c.id).limit(size + 1)
        rows = self._context.run(query).all()
        page = page_of(
            rows, size, _read, lambda row: json.dumps([row.title_key, row.id])
        )
        count = select(func.count()).select_from(t).where(chosen)
        return replace(page, total=self._context.run(count).scalar_one())

    def set_state(
        self,
        workspace: str,
        document_id: str,
        state: DocumentState,
        error_reason: str = "",
        error_message: str = "",
    ) -> None:
        """Move the document to ``state``."""
        values = {
            "state": state.value,
            "state_at": self._context.now(),
            "error_reason": error_reason,
            "error_message": error_message,
        }
        place = {"of": workspace, "own_id": document_id}
        self._context.changed(_UPDATE, {**place, **values})

    def delete(self, workspace: str, document_id: str) -> bool:
        """Delete document and passages; False when it was not there."""
        place = {"of": workspace, "own_id": document_id}
        return self._context.run(_DELETE, place).rowcount > 0

    def in_state(
        self, states: Sequence[DocumentState], older_than: datetime, limit: int
    ) -> list[tuple[str, Document]]:
        """Return (workspace, document) in these states since before ``older_than``."""
        values = {
            "states": [state.value for state in states],
            "before": older_than,
            "limit": limit,
        }
        rows = self._context.run(_IN_STATE, values)
        return [(row.workspace, _read(row)) for row in rows]

    def set_state_of_all(self, workspace: str, state: DocumentState) -> int:
        """Move every READY document to ``state`` (a full re-index); return how many."""
        values = {"state": state.value, "state_at": self._context.now()}
        return self._context.run(_ALL_READY, {"of": workspace, **values}).rowcount

    def count(self, workspace: str) -> tuple[int, int]:
        """Return how many documents and passages there are."""
        documents, passages = self._context.run(_COUNT, {"of": workspace}).one()
        return documents, passages


def _chosen(workspace: str, where: DocumentFilter) -> ColumnElement[bool]:
    chosen = [t.c.workspace == workspace]
    if where.sources:
        chosen.append(t.c.source.in_(where.sources))
    if where.states:
        chosen.append(t.c.state.in_(state.value for state in where.states))
    if where.visibility:
        chosen.append(t.c.visibility == where.visibility.value)
    if where.text:
        chosen.append(contains(t.c.search_key, where.text))
    return and_(*chosen)


def _row(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "title_key": fold(document.title)[:200],
        "search_key": fold(f"{document.title}\n{document.file_name}"),
        "source": document.source,
        "source_url": document.source_url,
        "visibility": document.visibility.value,
        "language": document.language,
        "tags": encode_strings(document.tags),
        "state": document.state.value,
        "sha256": document.sha256,
        "size_bytes": document.size_bytes,
        "file_name": document.file_name,
        "media_type": document.media_type,
        "version": document.version,
        "passage_count": document.passage_count,
        "valid_until": document.valid_until,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "created_by": document.created_by,
        "error_reason": document.error_reason,
        "error_message": document.error_message,
    }


@lru_cache(_DOCUMENTS_REMEMBERED)
def _known(dialect: Dialect, values: tuple[Any, ...]) -> Document:
    """Read a document's row as the driver gives it: equal values, equal document."""
    read = {}
    for column, value in zip(_DOCUMENT_COLUMNS, values, strict=True):
        kind = column.type.dialect_impl(dialect)
        process = kind.result_processor(dialect, None)
        read[column.name] = process(value) if process else value
    return _read(SimpleNamespace(**read))


def _read(row: Record | SimpleNamespace) -> Document:
    return Document(
        id=row.id,
        title=row.title,
        source=row.source,
        source_url=row.source_url,
        visibility=Visibility(row.visibility),
        language=row.language,
        tags=decode_strings(row.tags),
        state=DocumentState(row.state),
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        file_name=row.file_name,
        media_type=row.media_type,
        version=row.version,
        passage_count=row.passage_count,
        valid_until=row.valid_until,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        error_reason=row.error_reason,
        error_message=row.error_message,
    )


def _passage_row(
    workspace: str, document_id: str, item: StoredPassage, at: datetime
) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "id": item.id or new_id("psg", at),
        "document_id": document_id,
        "ordinal": item.ordinal,
        "heading": item.heading,
        "text": item.text,
        "page": item.page,
    }


def _passage(row: Record) -> StoredPassage:
    return StoredPassage(
        id=row.id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        heading=row.heading,
        text=row.text,
        page=row.page,
    )
