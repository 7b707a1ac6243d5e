"""Documents, their passages, and what a retrieval brings back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Visibility(Enum):
    """Who may read it; internal unless said otherwise."""

    PUBLIC = "public"
    INTERNAL = "internal"


class DocumentState(Enum):
    """Where a document stands on its way into the index."""

    PENDING = "pending"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"


class SearchMode(Enum):
    """Which legs of the search are used."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of knowledge as uploaded: its metadata; its text lives in passages."""

    id: str
    title: str
    source: str
    source_url: str
    visibility: Visibility
    language: str
    tags: tuple[str, ...]
    state: DocumentState
    sha256: str
    size_bytes: int
    file_name: str
    media_type: str
    version: int = 1
    passage_count: int = 0
    valid_until: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: str = ""
    error_reason: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A chunk of a document as the store keeps it; ``ordinal`` counts from 0."""

    id: str
    document_id: str
    ordinal: int
    heading: str
    text: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Highlight:
    """Where words of the query stand in a passage's text; ``end`` is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage found, with where it came from and how well it fits (score 0..1)."""

    passage_id: str
    document_id: str
    title: str
    heading: str
    text: str
    source: str
    url: str
    score: float
    updated_at: datetime | None
    stale: bool
    visibility: Visibility
    language: str = ""
    page: int = 0
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a search brought: passages best first, and whether they can answer.

    ``degraded`` names what was missing (e.g. ``no vectors``), else ''.
    """

    passages: tuple[Passage, ...]
    answerable: bool
    confidence: float
    degraded: str = ""


@dataclass(frozen=True, slots=True)
class RetrievalFilter:
    """Which knowledge may be searched; an empty field lets everything through."""

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    public_only: bool = False


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents to list; an empty field lets everything through.

    ``text`` may stand anywhere in title or file name.
    """

    sources: tuple[str, ...] = ()
    states: tuple[DocumentState, ...] = ()
    visibility: Visibility | None = None
    text: str = ""
