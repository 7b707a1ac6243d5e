"""Documents and passages, and the upload of a document in chunks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sidecar.domain.knowledge import DocumentFilter, DocumentState
from sidecar.errors import (
    FieldViolation,
    MendRequest,
    Reason,
    invalid,
)
from sidecar.rpc.translate import enums, limits
from sidecar.rpc.translate.tickets import stamp, web_address
from sidecar.usecases.commands import AddDocumentCommand
from sidecar.v1 import common_pb2, knowledge_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.domain.knowledge import Document, Passage
    from sidecar.store.port import Page
    from sidecar.usecases.get_passage import PassageInPlace
    from sidecar.usecases.ingest_document import Ingested

_MAX_TAGS = 50


def upload(
    parts: Iterator[knowledge_pb2.AddDocumentRequest],
) -> tuple[knowledge_pb2.AddDocumentHeader, AddDocumentCommand]:
    """Read header and chunks; raises as soon as one of them breaks a limit."""
    first = next(parts, None)
    if first is None or first.WhichOneof("part") != "header":
        raise limits.missing("header")
    header = first.header
    command = _command(header)
    content = _content(parts, header.size_bytes)
    return header, AddDocumentCommand(**(command | {"content": content}))  # type: ignore[arg-type]  # fields by name


def _command(header: knowledge_pb2.AddDocumentHeader) -> dict[str, object]:
    limits.request_id(header.request_id)
    if not 0 <= header.size_bytes <= limits.MAX_DOCUMENT_BYTES:
        raise _too_large("header.size_bytes")
    return {
        "file_name": limits.line(
            "header.file_name", header.file_name, limits.MAX_NAME * 10, required=True
        ),
        "title": limits.line("header.title", header.title, limits.MAX_NAME),
        "source": limits.identifier("header.source", header.source) or "upload",
        "source_url": web_address("header.source_url", header.source_url),
        "visibility": limits.choice(
            "header.visibility", header.visibility, enums.VISIBILITY_IN
        ),
        "language": limits.language("header.language", header.language),
        "tags": limits.words(
            "header.tags", header.tags, most=_MAX_TAGS, longest=limits.MAX_TAG
        ),
        "media_type": limits.identifier("header.content_type", header.content_type),
        "valid_until": limits.moment(
            "header.valid_until",
            header.valid_until,
            present=header.HasField("valid_until"),
        ),
        "updated_at": limits.moment(
            "header.content_updated_at",
            header.content_updated_at,
            present=header.HasField("content_updated_at"),
        ),
    }


def _content(
    parts: Iterator[knowledge_pb2.AddDocumentRequest], announced: int
) -> bytes:
    content = bytearray()
    for part in parts:
        if part.WhichOneof("part") != "chunk":
            raise invalid("header", "It comes once, before the chunks.")
        if len(part.chunk) > limits.CHUNK_BYTES:
            raise invalid("chunk", "At most 64 KiB are allowed in one chunk.")
        content += part.chunk
        if len(content) > limits.MAX_DOCUMENT_BYTES:
            raise _too_large("chunk")
    if announced and announced != len(content):
        raise invalid("header.size_bytes", "Another number of bytes followed.")
    return bytes(content)


def _too_large(field: str) -> MendRequest:
    violation = FieldViolation(field, "A document may have 10 MB.")
    return MendRequest(Reason.DOCUMENT_TOO_LARGE, (violation,))


def added(result: Ingested) -> knowledge_pb2.AddDocumentResponse:
    """Return the stored document."""
    return knowledge_pb2.AddDocumentResponse(
        document=outgoing(result.document), unchanged=result.unchanged
    )


def outgoing(document: Document) -> knowledge_pb2.Document:
    """Return a document as the contract has it."""
    return knowledge_pb2.Document(
        document_id=document.id,
        title=document.title,
        source=document.source,
        source_url=document.source_url,
        visibility=enums.VISIBILITY[document.visibility],
        language=document.language,
        tags=document.tags,
        state=enums.DOCUMENT_STATE[document.state],
        passage_count=document.passage_count,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        version=document.version,
        error_reason=document.error_reason,
        error_message=document.error_message,
        created_at=stamp(document.created_at),
        updated_at=stamp(document.updated_at),
        valid_until=stamp(document.valid_until),
        created_by=document.created_by,
        file_name=document.file_name,
        content_type=document.media_type,
    )


def outgoing_passage(passage: Passage) -> knowledge_pb2.Passage:
    """Return a passage that was found."""
    title = passage.title
    if passage.heading and passage.heading != title:
        title = f"{title} – {passage.heading}"
    return knowledge_pb2.Passage(
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        title=title,
        text=passage.text,
        source=passage.source,
        url=passage.url,
        score=passage.score,
        updated_at=stamp(passage.updated_at),
        stale=passage.stale,
        visibility=enums.VISIBILITY[passage.visibility],
        language=passage.language,
        highlights=[
            common_pb2.TextSpan(start=span.start, end=span.end)
            for span in passage.highlights
        ],
    )


def which_passage(request: knowledge_pb2.GetPassageRequest) -> tuple[str, bool]:
    """Return which passage is asked for, and whether only a public one may answer."""
    return (
        limits.identifier("passage_id", request.passage_id, required=True),
        limits.choice("audience", request.audience, enums.AUDIENCE_IN),
    )


def passage_in_place(found: PassageInPlace) -> knowledge_pb2.GetPassageResponse:
    """Return a passage with its neighbours; those that are not there stay unset."""
    return knowledge_pb2.GetPassageResponse(
        passage=outgoing_passage(found.passage),
        previous=outgoing_passage(found.previous) if found.previous else None,
        next=outgoing_passage(found.next) if found.next else None,
    )


def identity(
    header: knowledge_pb2.AddDocumentHeader, command: AddDocumentCommand
) -> knowledge_pb2.AddDocumentHeader:
    """Return what makes an upload the same upload: its header and its bytes' digest.

    The digest takes the place of the announced size, which follows from the bytes.
    """
    same = knowledge_pb2.AddDocumentHeader()
    same.CopyFrom(header)
    digest = hashlib.sha256(command.content).digest()
    same.size_bytes = int.from_bytes(digest[:7], "big")
    return same


def list_query(request: knowledge_pb2.ListDocumentsRequest) -> DocumentFilter:
    """Return which documents to list."""
    limits.check_count("states", len(request.states), len(DocumentState))
    visibility = None
    if request.visibility:
        visibility = limits.choice(
            "visibility", request.visibility, enums.VISIBILITY_IN
        )
    return DocumentFilter(
        sources=limits.words(
            "sources",
            request.sources,
            most=limits.MAX_FILTER_VALUES,
            longest=limits.MAX_ID,
        ),
        states=tuple(
            limits.choice(f"states[{i}]", number, enums.DOCUMENT_STATE_IN)
            for i, number in enumerate(request.states)
        ),
        visibility=visibility,
        text=limits.text("text", request.text, limits.MAX_NAME),
    )


def document(found: Document) -> knowledge_pb2.GetDocumentResponse:
    """Return one document."""
    return knowledge_pb2.GetDocumentResponse(document=outgoing(found))


def document_page(
    page: Page[Document], token: str
) -> knowledge_pb2.ListDocumentsResponse:
    """Return a page of documents."""
    return knowledge_pb2.ListDocumentsResponse(
        documents=[outgoing(item) for item in page.items],
        next_page_token=token,
        total_size=page.total,
    )


def deleted(passages: int) -> knowledge_pb2.DeleteDocumentResponse:
    """Say how many passages went."""
    return knowledge_pb2.DeleteDocumentResponse(deleted_passage_count=passages)
