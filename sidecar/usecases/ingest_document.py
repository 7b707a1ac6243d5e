"""Learn from a document: parse, cut into passages, embed, index."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.access import Principal
from sidecar.domain.chunking import HEADING_SEPARATOR, chunk_blocks
from sidecar.domain.ids import new_id
from sidecar.domain.knowledge import (
    Document,
    DocumentState,
    StoredPassage,
    Visibility,
)
from sidecar.domain.text import clean_file_name
from sidecar.errors import MendRequest, Reason
from sidecar.index.port import EntryKind, IndexEntry
from sidecar.parser.port import ParsedDocument
from sidecar.usecases.commands import AddDocumentCommand
from sidecar.usecases.ports import Finish, Ports, StillWanted
from sidecar.usecases.quarantine import hold, suspects_in_document
from sidecar.usecases.record import audit, event

EMBED_BATCH = 32


@dataclass(frozen=True, slots=True)
class Ingested:
    """The document, and whether it was known with the same content and metadata."""

    document: Document
    unchanged: bool


def ingest_document(
    ports: Ports,
    caller: Principal,
    command: AddDocumentCommand,
    finish: Finish[Ingested],
    wanted: StillWanted,
) -> Ingested:
    """Store the document and make its passages findable.

    The same file name from the same source replaces what was there as a new version;
    equal content and metadata change nothing. Once the passages are stored, a crash
    loses nothing: the sweeper finishes the indexing. Raises ``MendRequest`` when the
    file cannot be read.
    """
    name = clean_file_name(command.file_name)
    digest = hashlib.sha256(command.content).hexdigest()
    with ports.store.reading() as tx:
        known = tx.documents.find_same(caller.workspace, command.source, name)
    if known is not None and _is_unchanged(known, digest, command):
        with ports.store.transaction(durable=False) as tx:
            finish(tx, same := Ingested(known, True))
        return same
    parsed = ports.parser.parse(command.content, name, command.media_type)
    wanted()
    document = _document(ports, caller, command, name, digest, parsed, known)
    passages = _passages(document, parsed)
    if not passages:
        raise MendRequest(Reason.DOCUMENT_EMPTY, (), name)
    document = replace(document, passage_count=len(passages))
    with ports.store.transaction() as tx:
        tx.documents.put(caller.workspace, document, passages)
        audit(tx, ports, caller, "document.add", document.id)
        hold(tx, ports, caller, suspects_in_document(ports, document.id, passages))
    index_document(ports, caller.workspace, document, passages)
    ready = replace(document, state=DocumentState.READY)
    result = Ingested(ready, False)
    with ports.store.transaction() as tx:
        tx.documents.set_state(caller.workspace, document.id, DocumentState.READY)
        event(tx, caller, "document.indexed", document.id, passages=len(passages))
        finish(tx, result)
    return result


def index_document(
    ports: Ports,
    workspace: str,
    document: Document,
    passages: Sequence[StoredPassage],
) -> None:
    """Make exactly these passages the document's entries in the index; repeatable."""
    entries: list[IndexEntry] = []
    for start in range(0, len(passages), EMBED_BATCH):
        batch = passages[start : start + EMBED_BATCH]
        texts = [_embedded_text(document, passage) for passage in batch]
        vectors = ports.embedder.embed(texts)
        for row, passage in enumerate(batch):
            vector = vectors[row] if ports.embedder.dimensions else None
            entries.append(
                IndexEntry(
                    entry_id=passage.id,
                    group_id=document.id,
                    kind=EntryKind.PASSAGE,
                    title=f"{document.title} {passage.heading}".strip(),
                    text=passage.text,
                    vector=vector,
                    public=document.visibility is Visibility.PUBLIC,
                    source=document.source,
                    language=document.language,
                    tags=document.tags,
                    updated_at=document.updated_at,
                )
            )
    ports.index.replace_group(workspace, EntryKind.PASSAGE, document.id, entries)


def _embedded_text(document: Document, passage: StoredPassage) -> str:
    """Put title and heading before the passage, unless it begins with them.

    A step list alone does not say of what; what is said twice counts twice.
    """
    said = passage.text.casefold()
    parts = [
        part
        for part in (document.title, passage.heading)
        if part and not said.startswith(part.casefold())
    ]
    return "\n".join(part for part in (" – ".join(parts), passage.text) if part)


def _is_unchanged(known: Document, digest: str, command: AddDocumentCommand) -> bool:
    if known.state is not DocumentState.READY or known.sha256 != digest:
        return False
    return (
        known.visibility is command.visibility
        and known.source_url == command.source_url
        and known.tags == command.tags
        and known.valid_until == command.valid_until
        and (not command.title or known.title == command.title)
        and (not command.language or known.language == command.language)
    )


def _document(
    ports: Ports,
    caller: Principal,
    command: AddDocumentCommand,
    name: str,
    digest: str,
    parsed: ParsedDocument,
    known: Document | None,
) -> Document:
    now = ports.clock.now()
    language = command.language or _language(ports, parsed)
    return Document(
        id=known.id if known else new_id("doc", now),
        title=command.title or parsed.title or name.rsplit(".", 1)[0],
        source=command.source,
        source_url=command.source_url,
        visibility=command.visibility,
        language=language,
        tags=command.tags,
        state=DocumentState.INDEXING,
        sha256=digest,
        size_bytes=len(command.content),
        file_name=name,
        media_type=parsed.media_type,
        version=known.version + 1 if known else 1,
        valid_until=command.valid_until,
        created_at=known.created_at if known else now,
        updated_at=command.updated_at or now,
        created_by=caller.actor,
    )


def _language(ports: Ports, parsed: ParsedDocument) -> str:
    text = " ".join(block.text for block in parsed.blocks[:40])[:4000]
    return ports.engine.language_of(text)


def _passages(document: Document, parsed: ParsedDocument) -> list[StoredPassage]:
    return [
        StoredPassage(
            # The version is part of the id: a hit from an older index entry finds
            # nothing instead of a passage that says something else now.
            id=f"{document.id}.{document.version}.{chunk.ordinal}",
            document_id=document.id,
            ordinal=chunk.ordinal,
            heading=_below(document.title, chunk.heading),
            text=chunk.text,
            page=chunk.page,
        )
        for chunk in chunk_blocks(parsed.blocks)
    ]


def _below(title: str, heading: str) -> str:
    """Return the heading without the document's title that most articles begin with."""
    first, _, rest = heading.partition(HEADING_SEPARATOR)
    return rest if first.casefold() == title.casefold() else heading
