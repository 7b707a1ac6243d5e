"""Parses every document in a child process that may die without harm.

A document is a program written by a stranger for a parser written by a volunteer;
what it can reach must be nothing, and what it can cost bounded.

Why children are reused for TXT, Markdown and HTML but not for PDF and DOCX: per
document, 48 in a row on two cores, a fresh child costs 45 ms for text and 70 ms for
Markdown, one that is there 3 and 7 ms, and a folder of articles is the usual upload.
A fresh child for DOCX costs 100 ms and for PDF 120 ms, little beside embedding what
they hold, and the readers of these two are the ones that can be made to keep memory
or to misbehave. So nothing of a binary file ever shares a process with another, and
a reused child ends after 50 documents, after any failure, or after 30 idle seconds.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from sidecar.errors import MendRequest, Reason, TryAgain
from sidecar.parser import limits
from sidecar.parser.child import FOLDER_PREFIX, read_frame, write_frame
from sidecar.parser.detect import Format, detect
from sidecar.parser.port import Block, ParsedDocument
from sidecar.parser.refusal import refused, unreadable

_CHILD = Path(__file__).with_name("child.py")
_REUSED = frozenset((Format.TXT, Format.MD, Format.HTML))
_KEPT_FOR_REASONS = frozenset(("DOCUMENT_EMPTY", "DOCUMENT_TYPE_UNSUPPORTED"))


class _ChildDiedError(Exception):
    """The child ended without an answer."""


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one document may cost, and how many are read at once."""

    memory_bytes: int = limits.MEMORY_BYTES
    cpu_seconds: int = limits.CPU_SECONDS
    wall_seconds: float = limits.WALL_SECONDS
    open_files: int = limits.OPEN_FILES
    children: int = 2
    documents_per_child: int = 50
    wait_seconds: float = 60.0


class ChildProcessParser:
    """The parser port over child processes; safe to call from many threads."""

    def __init__(self, parser_limits: ParserLimits | None = None) -> None:
        self._limits = parser_limits or ParserLimits()
        self._slots = threading.BoundedSemaphore(self._limits.children)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle children; documents being read are finished first."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def parse(self, content: bytes, file_name: str, media_type: str) -> ParsedDocument:
        """Read ``content`` in a child; hidden text is removed.

        Raises ``MendRequest`` as the port says, and ``TryAgain`` (OVERLOADED) when
        no child became free in time.
        """
        found = detect(content, file_name, media_type)
        charset = media_type.partition("charset=")[2].strip(" \"'")
        head = json.dumps({"format": found.name, "charset": charset[:40]}).encode()
        if not self._slots.acquire(timeout=self._limits.wait_seconds):
            raise TryAgain(Reason.OVERLOADED, detail="no parser child became free")
        try:
            reply = self._ask(head, content, reuse=found in _REUSED)
        finally:
            self._slots.release()
        return _document(reply)

    def _ask(self, head: bytes, content: bytes, reuse: bool) -> dict[str, Any]:
        child = self._taken() if reuse else None
        if child is not None:
            try:
                return self._answered(child, head, content, reuse)
            except _ChildDiedError:
                # It may have died of age or of an earlier document: one fresh try.
                pass
        fresh = _Child(self._limits)
        try:
            return self._answered(fresh, head, content, reuse)
        except _ChildDiedError as died:
            raise unreadable("The file could not be read.", str(died)) from None

    def _taken(self) -> _Child | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _answered(
        self, child: _Child, head: bytes, content: bytes, reuse: bool
    ) -> dict[str, Any]:
        keep = False
        try:
            reply = child.ask(head, content)
            healthy = "title" in reply or reply.get("reason") in _KEPT_FOR_REASONS
            keep = reuse and healthy and self._returned(child)
            return reply
        finally:
            if not keep:
                child.end()

    def _returned(self, child: _Child) -> bool:
        with self._lock:
            young = child.documents < self._limits.documents_per_child
            if self._closed or not young:
                return False
            self._idle.append(child)
            return True


@dataclass(slots=True)
class _Child:
    """One child process and its pipes."""

    limits: ParserLimits
    documents: int = 0
    _folder: Path = field(init=False)
    _process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
        bounds = (
            self.limits.memory_bytes,
            self.limits.open_files,
            self.limits.cpu_seconds,
        )
        # No preexec_fn: it would fork the server with its gRPC threads. The child
        # ties its own hands first thing. -I: no user site, no PYTHON* variables.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_CHILD), *map(str, bounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env={},
            start_new_session=True,
        )

    def ask(self, head: bytes, content: bytes) -> dict[str, Any]:
        """Have one document read; the clock starts now.

        Raises ``MendRequest`` when it costs too much, ``_ChildDiedError`` otherwise.
        """
        self.documents += 1
        late = threading.Event()
        timer = threading.Timer(self.limits.wall_seconds, self._stop, (late,))
        timer.daemon = True
        timer.start()
        try:
            write_frame(_pipe(self._process.stdin), head)
            write_frame(_pipe(self._process.stdin), content)
            body = read_frame(_pipe(self._process.stdout), limits.MAX_REPLY_BYTES)
        except OSError:
            body = None
        finally:
            timer.cancel()
        if late.is_set():
            raise _too_long(f"{self.limits.wall_seconds:g} s")
        if body is None:
            raise self._cause_of_death()
        reply = json.loads(body)
        if reply.get("out_of_memory"):
            raise _too_much_memory(self.limits)
        return dict(reply)

    def end(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            # Unsent bytes for a process that is gone.
            with suppress(OSError):
                _pipe(pipe).close()
        self._process.wait()
        # The child removes its folder first thing, unless it was killed before.
        with suppress(OSError):
            self._folder.rmdir()

    def _stop(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _cause_of_death(self) -> Exception:
        """Say why no answer came, by the signal that ended the child."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return _ChildDiedError("parser child sent no frame")
        if code == -signal.SIGXCPU:
            return _too_long(f"{self.limits.cpu_seconds} s of processor time")
        return _ChildDiedError(f"parser child ended with {code}")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _too_long(limit: str) -> MendRequest:
    return unreadable(f"Reading the file took longer than {limit}.")


def _too_much_memory(bounds: ParserLimits) -> MendRequest:
    megabytes = bounds.memory_bytes // limits.MEBIBYTE
    return unreadable(f"Reading the file needs more than {megabytes} MB of memory.")


def _document(reply: dict[str, Any]) -> ParsedDocument:
    if "reason" in reply:
        raise refused(Reason(reply["reason"]), reply["say"], reply["detail"])
    blocks = tuple(Block(*parts) for parts in reply["blocks"])
    if not blocks:
        raise refused(Reason.DOCUMENT_EMPTY, "The file holds no text.")
    if sum(len(block.text) for block in blocks) > limits.MAX_TEXT_CHARACTERS:
        raise refused(
            Reason.DOCUMENT_TOO_LARGE, "The file holds more than 10 million characters."
        )
    notes = tuple(reply["notes"])
    return ParsedDocument(reply["title"], blocks, reply["media_type"], notes)
