"""The parser port: a file's bytes in, its text with structure out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Block:
    """One structural piece of a document, in reading order.

    ``kind`` is ``heading`` (``level`` 1..6), ``paragraph``, ``list``, ``table`` or
    ``code``; ``page`` counts from 1 where the format has pages, else 0.
    """

    kind: str
    text: str
    level: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What was read: title ('' when there is none), blocks, what was left out."""

    title: str
    blocks: tuple[Block, ...]
    media_type: str
    notes: tuple[str, ...] = ()


class Parser(Protocol):
    """Reads PDF, DOCX, TXT, MD and HTML."""

    def parse(self, content: bytes, file_name: str, media_type: str) -> ParsedDocument:
        """Read ``content``; hidden text is removed.

        Raises ``MendRequest`` with DOCUMENT_TOO_LARGE, DOCUMENT_TYPE_UNSUPPORTED,
        DOCUMENT_ENCRYPTED, DOCUMENT_UNREADABLE or DOCUMENT_EMPTY.
        """

    def close(self) -> None:
        """End its child processes."""
