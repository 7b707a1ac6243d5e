"""Files to knowledge: which ones, what their heads say, and sending them one by one."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1 import knowledge_pb2

ENDINGS = {".pdf", ".docx", ".txt", ".md", ".markdown", ".html", ".htm"}
MAX_BYTES = 10 * 1024 * 1024
_WAITS_FOR_INDEX = 120.0
_RATE_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Options:
    """What the person said about all files; '' or () where a file may say it itself."""

    source: str = ""
    visibility: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One file to send, and the name it is known by in the collection."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: added, updated, unchanged or failed."""

    path: Path
    result: str
    document: knowledge_pb2.Document | None = None
    reason: str = ""
    error: str = ""


def find_files(paths: Iterable[str], *, recursive: bool) -> list[Source]:
    """List the files to send; folders give those of a known kind, in order.

    A file is known by its name alone, so that adding it again from elsewhere replaces
    it. Where two files of one run share a name, the folders are put before it.
    """
    found: dict[Path, Path] = {}
    for given in map(Path, paths):
        if given.is_dir():
            for path in _inside(given, recursive=recursive):
                found.setdefault(path, path.relative_to(given))
        elif given.is_file():
            found.setdefault(given, Path(given.name))
        else:
            raise click.UsageError(f"There is no file or folder {given}.")
    shared = Counter(path.name.casefold() for path in found)
    return [
        Source(path, path.name if shared[path.name.casefold()] == 1 else _joined(place))
        for path, place in found.items()
    ]


def _joined(place: Path) -> str:
    return " - ".join(place.parts)


def _inside(folder: Path, *, recursive: bool) -> Iterator[Path]:
    # Links are not followed: a folder gives what lies in it, not what it points at.
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if recursive and not f.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            known = path.suffix.lower() in ENDINGS
            if known and not name.startswith(".") and not path.is_symlink():
                yield path


def send(client: SidecarClient, source: Source, options: Options) -> Outcome:
    """Send one file; what goes wrong with it is in the outcome, not raised."""
    from sidecar.client import SidecarError

    path = source.path
    try:
        content = path.read_bytes()
    except OSError as error:
        return Outcome(path, "failed", reason="UNREADABLE", error=str(error.strerror))
    if len(content) > MAX_BYTES:
        return Outcome(
            path,
            "failed",
            reason="DOCUMENT_TOO_LARGE",
            error="larger than 10 MB, the most a document may have",
        )
    try:
        header = header_of(source, content, options)
    except ValueError as error:
        return Outcome(path, "failed", reason="FIELD_INVALID", error=str(error))
    try:
        return _send(client, path, header, content)
    except SidecarError as error:
        if error.is_unreachable or error.reason.startswith("CREDENTIALS"):
            raise  # the next file would meet the same
        details = "; ".join(f"{v.field}: {v.description}" for v in error.violations)
        text = f"{error.message} {details}".strip()
        return Outcome(
            path, "failed", reason=error.reason or error.code.name, error=text
        )


def _send(
    client: SidecarClient,
    path: Path,
    header: knowledge_pb2.AddDocumentHeader,
    content: bytes,
) -> Outcome:
    from sidecar.client import SidecarError

    for attempt in range(_RATE_REPEATS + 1):
        try:
            answer = client.upload(content, header)
            break
        except SidecarError as error:
            if error.retry_after is None or attempt == _RATE_REPEATS:
                raise
            time.sleep(min(error.retry_after, 60.0))
    if answer.unchanged:
        return Outcome(path, "unchanged", answer.document)
    document = _indexed(client, answer.document)
    if document.error_reason:
        return Outcome(
            path, "failed", document, document.error_reason, document.error_message
        )
    return Outcome(path, "updated" if document.version > 1 else "added", document)


def _indexed(
    client: SidecarClient, document: knowledge_pb2.Document
) -> knowledge_pb2.Document:
    """Wait until the document can be found, or could not be read."""
    from sidecar.v1 import knowledge_pb2

    ends = (knowledge_pb2.DOCUMENT_STATE_READY, knowledge_pb2.DOCUMENT_STATE_FAILED)
    until = time.monotonic() + _WAITS_FOR_INDEX
    while document.state not in ends and time.monotonic() < until:
        time.sleep(0.1)
        request = knowledge_pb2.GetDocumentRequest(document_id=document.document_id)
        document = client.knowledge.GetDocument(request).document
    return document


def header_of(
    source: Source, content: bytes, options: Options
) -> knowledge_pb2.AddDocumentHeader:
    """Build the header; options win over the head of a Markdown file.

    Raises ``ValueError`` when the head names a visibility or date that does not exist.
    """
    from sidecar.v1 import common_pb2, knowledge_pb2

    head = _head(source.path, content)
    header = knowledge_pb2.AddDocumentHeader(
        file_name=source.name,
        title=_text(head, "title"),
        source=options.source or _text(head, "source"),
        source_url=_text(head, "url") or _text(head, "source_url"),
        language=options.language or _text(head, "language"),
        size_bytes=len(content),
    )
    visibility = (options.visibility or _text(head, "visibility")).upper()
    if visibility:
        if visibility not in ("PUBLIC", "INTERNAL"):
            raise ValueError(f"visibility: {visibility} is neither PUBLIC nor INTERNAL")
        header.visibility = common_pb2.Visibility.Value(f"VISIBILITY_{visibility}")
    tags = options.tags or head.get("tags") or ()
    header.tags.extend([tags] if isinstance(tags, str) else tags)
    if until := _moment(head, "valid_until"):
        header.valid_until.FromDatetime(until)
    if changed := _moment(head, "updated_at") or _touched(source.path):
        header.content_updated_at.FromDatetime(changed)
    return header


def _moment(head: dict[str, str | list[str]], name: str) -> datetime | None:
    text = _text(head, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name}: {text} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _touched(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _head(path: Path, content: bytes) -> dict[str, str | list[str]]:
    if path.suffix.lower() not in (".md", ".markdown"):
        return {}
    from sidecar.domain.front_matter import front_matter

    return front_matter(content.decode("utf-8", "replace"))[0]


def _text(head: dict[str, str | list[str]], key: str) -> str:
    value = head.get(key, "")
    return value if isinstance(value, str) else " ".join(value)
