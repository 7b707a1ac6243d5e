"""The double's Web API over HTTP: forms and JSON in, scripted faults in between."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from plugin_ui.doubles.zendesk.faults import Script


class Owner(Protocol):
    """The double that a request is for."""

    script: Script
    lock: threading.Lock
    answers: list[dict[str, Any]]
    token: str

    def answer(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a method of the Web API does."""
        ...


class Handler(BaseHTTPRequestHandler):
    """One connection; ``owner`` is the double."""

    owner: Owner
    protocol_version = "HTTP/1.1"

    def log_message(self, *_given: Any) -> None:
        """Say nothing; the ledger remembers."""

    def do_POST(self) -> None:
        """Answer a method of the Web API, or take a command's answer."""
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        path = urlsplit(self.path).path
        fault = self.owner.script.next("POST", path)
        if fault and fault.seconds and fault.kind != "late":
            time.sleep(fault.seconds)
        if fault and fault.kind == "refuse":
            return self._cut()
        if fault and fault.kind == "status":
            return self._send(fault.status, b'{"ok":false}', fault.retry_after)
        answer = self._answer(path, raw)
        if fault and fault.kind == "late":
            time.sleep(fault.seconds)
        if fault and fault.kind == "cut":
            return self._cut()
        return self._send(200, json.dumps(answer).encode())

    def _answer(self, path: str, raw: bytes) -> dict[str, Any]:
        if path.startswith("/commands/"):
            with self.owner.lock:
                self.owner.answers.append(json.loads(raw))
            return {"ok": True}
        if self.headers.get("Authorization") != f"Bearer {self.owner.token}":
            return {"ok": False, "error": "invalid_auth"}
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            body = json.loads(raw or b"{}")
        else:
            body = {k: v[0] for k, v in parse_qs(raw.decode()).items()}
            query = parse_qs(urlsplit(self.path).query)
            body |= {k: v[0] for k, v in query.items()}
        return self.owner.answer(path.removeprefix("/api/"), body)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, body: bytes, retry_after: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        with contextlib.suppress(OSError):  # whoever asked may be dead by now
            self.end_headers()
            self.wfile.write(body)
