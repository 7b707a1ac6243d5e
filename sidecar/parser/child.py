"""The process that reads documents, with hands tied before it sees the first byte.

Started as a script by ``child_process.py`` and spoken to by frames of a 4-byte
length and a body. A request is two frames, a JSON head and the document; the
answer is one JSON frame. The child ends when its input ends or stays silent, so a
killed server leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import resource
import select
import struct
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sidecar.parser.port import ParsedDocument

FOLDER_PREFIX = "deskside-parser-"
IDLE_SECONDS = 30.0
MAX_TITLE = 300
_LENGTH = struct.Struct(">I")
# Refused to whatever runs here: no library has a reason to do this while reading.
_FORBIDDEN_EVENTS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.link",
    "os.symlink",
    "os.truncate",
    "shutil.",
    "ctypes.dlopen",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(memory_bytes: int, open_files: int, cpu_seconds: int) -> None:
    """Serve one document after the other from standard input."""
    # In a folder that is removed already, no relative path leads anywhere and a
    # killed server leaves nothing to tidy.
    if Path.cwd().name.startswith(FOLDER_PREFIX):
        Path.cwd().rmdir()
    _tie_hands(memory_bytes, open_files)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while select.select([source], [], [], IDLE_SECONDS)[0]:
        head = read_frame(source)
        content = read_frame(source) if head is not None else None
        if head is None or content is None:
            return
        _grant_cpu(cpu_seconds)
        write_frame(sink, _answer(json.loads(head), content))
        del head, content


def read_frame(source: IO[bytes], largest: int = 2**31) -> bytes | None:
    """Read one frame; None where the stream ends or the frame is too large."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > largest:
        return None
    body = source.read(length)
    return body if len(body) == length else None


def write_frame(sink: IO[bytes], body: bytes) -> None:
    """Write one frame."""
    sink.write(_LENGTH.pack(len(body)))
    sink.write(body)
    sink.flush()


def _tie_hands(memory_bytes: int, open_files: int) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (value, value))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    # No sandbox, the limits are that; but a library that follows a document's
    # wish to open a connection or a file for writing is stopped and noticed.
    if event.startswith(_FORBIDDEN_EVENTS):
        raise PermissionError(event)
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        if (flags or 0) & _WRITING or any(sign in (mode or "") for sign in "wax+"):
            raise PermissionError(event)


def _grant_cpu(seconds: int) -> None:
    """Allow this document its processor time on top of what is already used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _answer(head: dict[str, Any], content: bytes) -> bytes:
    reply: dict[str, Any]
    try:
        reply = _parsed(head, content)
    except MemoryError:
        reply = {"out_of_memory": True}
    except Exception as error:  # noqa: BLE001 - whatever a library does on hostile bytes
        reply = _failure(error)
    try:
        return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")
    except MemoryError:
        return b'{"out_of_memory": true}'


def _failure(error: Exception) -> dict[str, Any]:
    from sidecar.errors import MendRequest

    if isinstance(error, MendRequest):
        sentence = error.violations[0].description if error.violations else ""
        return {"reason": error.reason.value, "say": sentence, "detail": error.detail}
    # Libraries in C report an allocation that failed as damage, each in its way.
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if limit != resource.RLIM_INFINITY and peak > limit // 2:
        return {"out_of_memory": True}
    deep = isinstance(error, RecursionError)
    say = "Its parts are nested too deeply." if deep else "The file is damaged."
    # Only the kind of error: its text may quote the document.
    detail = f"{type(error).__module__}.{type(error).__qualname__}"
    return {"reason": "DOCUMENT_UNREADABLE", "say": say, "detail": detail}


def _parsed(head: dict[str, Any], content: bytes) -> dict[str, Any]:
    document = _read(head["format"], content, head["charset"])
    return {
        "title": document.title[:MAX_TITLE],
        "media_type": document.media_type,
        "notes": document.notes,
        "blocks": [[b.kind, b.text, b.level, b.page] for b in document.blocks],
    }


def _read(kind: str, content: bytes, charset: str) -> ParsedDocument:
    # Imported where needed: reading plain text must not pay for the PDF library.
    if kind == "PDF":
        from sidecar.parser.pdf import parse_pdf

        return parse_pdf(content)
    if kind == "DOCX":
        from sidecar.parser.docx import parse_docx

        return parse_docx(content)
    from sidecar.parser.plain import decode, parse_plain

    text = decode(content, charset)
    if kind == "HTML":
        from sidecar.parser.html import parse_html

        return parse_html(text)
    if kind == "MD":
        from sidecar.parser.markdown import parse_markdown

        return parse_markdown(text)
    return parse_plain(text)


if __name__ == "__main__":
    # Isolated (-I), Python looks neither here nor in PYTHONPATH: a checkout that is
    # not installed is found by the place of this file, last, so it shadows nothing.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    main(*(int(argument) for argument in sys.argv[1:4]))
