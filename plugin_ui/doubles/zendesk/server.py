"""The double's HTTP side: a loopback server with a ledger and scripted faults."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from plugin_ui.doubles.zendesk.desk import (
    BOT,
    Changed,
    ZendeskDesk,
    cursor_position,
    cursor_text,
)
from plugin_ui.doubles.zendesk.faults import Fault, Script
from plugin_ui.doubles.zendesk.hooks import Webhook

EMAIL, TOKEN = "bot@acme.example", "token-of-the-double"
Answer = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Called:
    """One request as it came, and what it was answered (0: nothing)."""

    method: str
    path: str
    body: Any
    status: int


class ZendeskDouble:
    """A running double; ``desk`` holds its state, ``ledger`` every request."""

    def __init__(
        self,
        now: Callable[[], datetime] | None = None,
        port: int = 0,
        token: str = TOKEN,
    ) -> None:
        self.desk = ZendeskDesk(now)
        self.desk.emit = self._emit
        self.script = Script()
        self.ledger: list[Called] = []
        self.token = self._issued = token
        self.allowed = True
        # What was recorded of the real service, by path: answered in place of ours.
        self.recorded: dict[str, Any] = {}
        self.limits = {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699"}
        self.webhooks: list[Webhook] = []
        double = self

        class Handler(_Handler):
            owner = double

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Address of the API."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """Connector settings that lead here; ``token`` may be changed behind them."""
        return {
            "subdomain": "acme",
            "email": EMAIL,
            "api_token": self._issued,
            "base_url": self.base_url,
        }

    def fail(self, kind: str, **given: Any) -> None:
        """Script a fault; see ``Fault``."""
        self.script.add(Fault(kind, **given))

    def writes(self) -> list[Called]:
        """Return the requests that changed a ticket, those cut off included."""
        return [call for call in self.ledger if call.method == "PUT"]

    def add_webhook(self, webhook: Webhook) -> Webhook:
        """Tell this address of every change from now on."""
        self.webhooks.append(webhook)
        return webhook

    def close(self) -> None:
        """Stop serving and sending."""
        for webhook in self.webhooks:
            webhook.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _emit(self, kind: str, event: Mapping[str, Any]) -> None:
        for webhook in self.webhooks:
            webhook.send(kind, event)


class _Handler(BaseHTTPRequestHandler):
    owner: ZendeskDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, *_given: Any) -> None:
        """Say nothing; the ledger remembers."""

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        body = json.loads(raw) if raw else None
        path = urlsplit(self.path).path
        fault = self.owner.script.next(method, path)
        if fault and fault.kind != "late":
            time.sleep(fault.seconds)
        if fault and fault.kind in ("status", "html", "redirect", "refuse"):
            self._note(method, body, 0 if fault.kind == "refuse" else fault.status)
            self._misbehave(fault)
            return
        status, answer = self._answer(method, path, body)
        if fault and fault.kind == "cut":
            self._note(method, body, 0)
            self._cut()
            return
        self._note(method, body, status)
        if fault and fault.kind == "late":
            time.sleep(fault.seconds)
        self._send(status, json.dumps(answer, indent=2).encode() + b"\n")

    def _note(self, method: str, body: Any, status: int) -> None:
        self.owner.ledger.append(Called(method, self.path, body, status))

    def _misbehave(self, fault: Fault) -> None:
        if fault.kind == "refuse":
            self._cut()
        elif fault.kind == "redirect":
            self._send(302, b"", location=fault.target)
        elif fault.kind == "html":
            page = b"<!DOCTYPE html><html><body>We'll be right back.</body></html>"
            self._send(fault.status, page, kind="text/html", wait=fault.retry_after)
        else:
            error = {"error": _ERRORS.get(fault.status, "InternalError")}
            self._send(fault.status, json.dumps(error).encode(), wait=fault.retry_after)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json; charset=utf-8",
        wait: str = "",
        location: str = "",
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.owner.limits.items():
            self.send_header(name, value)
        if wait:
            self.send_header("Retry-After", wait)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def _answer(self, method: str, path: str, body: Any) -> Answer:
        given = self.headers.get("Authorization", "")
        wanted = base64.b64encode(f"{EMAIL}/token:{self.owner.token}".encode()).decode()
        if given != f"Basic {wanted}":
            return 401, {"error": "Couldn't authenticate you"}
        if not self.owner.allowed:
            return 403, {"error": {"title": "Forbidden", "message": "No access"}}
        if path in self.owner.recorded:
            return 200, self.owner.recorded[path]
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        for verb, pattern, answer in _ROUTES:
            match = re.fullmatch(f"/api/v2{pattern}", path)
            if verb == method and match:
                return answer(self.owner.desk, match.groups(), query, body)
        return 404, _MISSING


_ERRORS = {409: "UpdateConflict", 422: "RecordInvalid", 429: "APIRateLimitExceeded"}
_MISSING = {"error": "RecordNotFound", "description": "Not found"}
Route = Callable[[ZendeskDesk, tuple[Any, ...], dict[str, str], Any], Answer]


def _me(desk: ZendeskDesk, _p: tuple[Any, ...], _q: dict[str, str], _b: Any) -> Answer:
    return 200, {"user": desk.users[BOT]}


def _people(
    desk: ZendeskDesk, _p: tuple[Any, ...], query: dict[str, str], _b: Any
) -> Answer:
    wanted = [int(number) for number in query.get("ids", "").split(",") if number]
    found = [desk.users[number] for number in wanted if number in desk.users]
    page = {"next_page": None, "previous_page": None, "count": len(found)}
    return 200, {"users": found, **page}


def _ticket(
    desk: ZendeskDesk, parts: tuple[Any, ...], _q: dict[str, str], _b: Any
) -> Answer:
    with desk.lock:
        found = desk.tickets.get(int(parts[0]))
        return (200, {"ticket": dict(found)}) if found else (404, _MISSING)


def _update(
    desk: ZendeskDesk, parts: tuple[Any, ...], _q: dict[str, str], body: Any
) -> Answer:
    number = int(parts[0])
    if number not in desk.tickets:
        return 404, _MISSING
    try:
        desk.apply(number, body["ticket"], BOT)
    except Changed:
        said = "Safe Update prevented the update due to outdated ticket data."
        return 409, {"error": "UpdateConflict", "description": said}
    with desk.lock:
        audit = {"id": 1, "ticket_id": number, "author_id": BOT, "events": []}
        return 200, {"ticket": dict(desk.tickets[number]), "audit": audit}


def _comments(
    desk: ZendeskDesk, parts: tuple[Any, ...], _q: dict[str, str], _b: Any
) -> Answer:
    number = int(parts[0])
    if number not in desk.tickets:
        return 404, _MISSING
    with desk.lock:
        found = [dict(comment) for comment in desk.comments[number]]
    meta = {"has_more": False, "after_cursor": None, "before_cursor": None}
    links = {"prev": None, "next": None}
    return 200, {"comments": found, "meta": meta, "links": links}


def _changes(
    desk: ZendeskDesk, _p: tuple[Any, ...], query: dict[str, str], _b: Any
) -> Answer:
    if "cursor" in query:
        after = cursor_position(query["cursor"])
    else:
        after = desk.position_at(float(query["start_time"]))
    size = int(query.get("per_page", "1000"))
    numbers, position, end = desk.page_of_changes(after, size)
    with desk.lock:
        found = [desk.tickets.get(n) or desk.deleted.get(n) for n in numbers]
    return 200, {
        "tickets": [dict(ticket) for ticket in found if ticket],
        "after_url": "https://acme.zendesk.com/api/v2/incremental/tickets/cursor.json",
        "after_cursor": cursor_text(position),
        "before_cursor": None,
        "end_of_stream": end,
    }


def _count(
    desk: ZendeskDesk, _p: tuple[Any, ...], _q: dict[str, str], _b: Any
) -> Answer:
    return 200, {"count": len(desk.tickets)}


def _articles(
    desk: ZendeskDesk, _p: tuple[Any, ...], query: dict[str, str], _b: Any
) -> Answer:
    return 200, _page("articles", desk.articles, query)


def _macros(
    desk: ZendeskDesk, _p: tuple[Any, ...], query: dict[str, str], _b: Any
) -> Answer:
    return 200, _page("macros", desk.macros, query)


def _page(
    name: str, items: list[dict[str, Any]], query: dict[str, str]
) -> dict[str, Any]:
    """Return a page by cursor, here of at most ``page[size]`` and two items."""
    start = int(query.get("page[after]") or 0)
    end = start + min(int(query.get("page[size]", "2")), 2)
    meta = {"has_more": end < len(items), "after_cursor": str(end)}
    return {name: items[start:end], "meta": meta}


def _audits(
    desk: ZendeskDesk, parts: tuple[Any, ...], _q: dict[str, str], _b: Any
) -> Answer:
    number = int(parts[0])
    return 200, {"audits": list(desk.audits.get(number, []))}


_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", r"/users/me(?:\.json)?", _me),
    ("GET", r"/users/show_many\.json", _people),
    ("GET", r"/tickets/(\d+)\.json", _ticket),
    ("PUT", r"/tickets/(\d+)\.json", _update),
    ("GET", r"/tickets/(\d+)/comments\.json", _comments),
    ("GET", r"/tickets/(\d+)/audits\.json", _audits),
    ("GET", r"/incremental/tickets/cursor\.json", _changes),
    ("GET", r"/search/count\.json", _count),
    ("GET", r"/help_center/articles\.json", _articles),
    ("GET", r"/macros/active\.json", _macros),
)
