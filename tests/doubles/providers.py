"""Doubles of the two providers' HTTP protocols, with faults on order.

One small server speaks both: OpenAI's chat completions and Anthropic's messages, as
event streams. It answers what ``answers`` makes of the request and misbehaves as the
next ``Fault`` of the script says. Everything it is sent is kept in ``seen``.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TAG = re.compile(r"^Tag of the data: (data-[0-9a-f]+)$", re.MULTILINE)
_CHUNK = 24


@dataclass(frozen=True)
class Asked:
    """One request as the provider saw it."""

    protocol: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        """The fixed part."""
        if self.protocol == "openai":
            return str(self.body["messages"][0]["content"])
        return str(self.body["system"][0]["text"])

    @property
    def user(self) -> str:
        """The changing part."""
        return str(self.body["messages"][-1]["content"])

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema that is asked for."""
        if self.protocol == "openai":
            found = self.body["response_format"]["json_schema"]["schema"]
        else:
            found = self.body["output_config"]["format"]["schema"]
        assert isinstance(found, dict)
        return found

    @property
    def task(self) -> str:
        """``draft``, ``classify`` or ``summarize``, by the schema."""
        names = self.schema["properties"]
        if "statements" in names:
            return "draft"
        return "classify" if "sentiment" in names else "summarize"

    @property
    def tag(self) -> str:
        """The tag of this request's data."""
        match = _TAG.search(self.user)
        assert match, "a prompt names its tag"
        return match[1]

    def blocks(self, kind: str) -> list[str]:
        """Return the texts of the blocks whose kind begins so."""
        pattern = re.compile(
            rf'<{self.tag} kind="{kind}[^"]*">\n(.*?)\n</{self.tag}>', re.DOTALL
        )
        return pattern.findall(self.user)


@dataclass(frozen=True)
class Fault:
    """One way to misbehave; what is left at its default is done well."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0
    cut_after: int = -1
    clean_cut: bool = False
    drip: float = 0.0
    content: str | None = None
    refusal: bool = False
    too_long: bool = False
    error_event: str = ""
    no_usage: bool = False


WELL = Fault()


class ProviderDouble:
    """Both providers on one port of loopback."""

    def __init__(self, answers: Callable[[Asked], str]) -> None:
        self.answers = answers
        self.script: deque[Fault] = deque()
        self.always = WELL
        self.seen: list[Asked] = []
        self.stopping = threading.Event()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def openai_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def anthropic_url(self) -> str:
        """What ANTHROPIC_BASE_URL is set to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def expect(self, *faults: Fault) -> None:
        """Order the faults of the next requests; afterwards all is well again."""
        self.script.clear()
        self.script.extend(faults)
        self.always = WELL

    def reset(self) -> None:
        """Forget what was ordered and seen."""
        self.expect()
        self.seen.clear()

    def close(self) -> None:
        """Stop serving and let go of every request that hangs."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def provider(answers: Callable[[Asked], str]) -> Iterator[ProviderDouble]:
    """Run a double for a while."""
    double = ProviderDouble(answers)
    try:
        yield double
    finally:
        double.close()


class _Server(ThreadingHTTPServer):
    """Knows whose double it is; the handler is made anew for every connection."""

    daemon_threads = True

    def __init__(self, double: ProviderDouble) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = double


class _Handler(BaseHTTPRequestHandler):
    """Speaks both protocols."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        protocol = "openai" if self.path.endswith("completions") else "anthropic"
        asked = Asked(protocol, dict(self.headers.items()), body)
        self.server.double.seen.append(asked)
        fault = (
            self.server.double.script.popleft()
            if self.server.double.script
            else self.server.double.always
        )
        if fault.hang and self.server.double.stopping.wait(fault.hang):
            return
        if fault.status:
            self._refuse(fault)
            return
        try:
            self._stream(asked, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _refuse(self, fault: Fault) -> None:
        error = {
            "type": "some_error",
            "message": f"echo: {self.server.double.seen[-1].user}",
        }
        content = json.dumps({"type": "error", "error": error}).encode()
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, asked: Asked, fault: Fault) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        text = (
            fault.content
            if fault.content is not None
            else self.server.double.answers(asked)
        )
        if fault.cut_after >= 0:
            text = text[: fault.cut_after]
        pieces = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]
        speak = _openai if asked.protocol == "openai" else _anthropic
        for event in speak(asked, pieces, fault):
            self._chunk(event)
            if fault.drip and self.server.double.stopping.wait(fault.drip):
                return
        if fault.cut_after >= 0 and not fault.clean_cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._chunk("")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def tokens(text: str) -> int:
    """Return what the double counts for a text: four characters a token."""
    return len(text) // 4


def _openai(asked: Asked, pieces: list[str], fault: Fault) -> Iterator[str]:
    base = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": asked.body["model"],
    }

    def event(choices: list[dict[str, Any]], **more: Any) -> str:
        return f"data: {json.dumps({**base, 'choices': choices, **more})}\n\n"

    def choice(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "finish_reason": reason}

    yield event([choice({"role": "assistant", "content": ""})])
    if fault.refusal:
        yield event([choice({"refusal": "I cannot help with that."})])
    for piece in [] if fault.refusal else pieces:
        yield event([choice({"content": piece})])
    if fault.error_event:
        yield f"data: {json.dumps({'error': {'message': 'echo', 'type': 'x'}})}\n\n"
        return
    if fault.cut_after >= 0:
        return
    yield event([choice({}, "length" if fault.too_long else "stop")])
    if not fault.no_usage:
        sent = tokens(asked.system) + tokens(asked.user)
        written = tokens("".join(pieces))
        usage = {
            "prompt_tokens": sent,
            "completion_tokens": written,
            "total_tokens": sent + written,
            "prompt_tokens_details": {"cached_tokens": 10},
        }
        yield event([], usage=usage)
    yield "data: [DONE]\n\n"


def _anthropic(asked: Asked, pieces: list[str], fault: Fault) -> Iterator[str]:
    def event(kind: str, **more: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"

    usage: dict[str, int] = {
        "input_tokens": tokens(asked.user),
        "output_tokens": 1,
    }
    usage["cache_creation_input_tokens"] = tokens(asked.system)
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    yield event("message_start", message=message)
    block = {"type": "text", "text": ""}
    yield event("content_block_start", index=0, content_block=block)
    for piece in [] if fault.refusal else pieces:
        delta = {"type": "text_delta", "text": piece}
        yield event("content_block_delta", index=0, delta=delta)
    if fault.error_event:
        error = {"type": fault.error_event, "message": "echo"}
        yield event("error", error=error)
        return
    if fault.cut_after >= 0:
        return
    yield event("content_block_stop", index=0)
    reason = "max_tokens" if fault.too_long else "end_turn"
    reason = "refusal" if fault.refusal else reason
    written = tokens("".join(pieces))
    stop = {"stop_reason": reason, "stop_sequence": None}
    yield event("message_delta", delta=stop, usage={"output_tokens": written})
    yield event("message_stop")
