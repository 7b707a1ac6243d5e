"""The receiver: raw body → verify → parse → publish → answer. It keeps nothing.

A sender is told that an event is accepted only once the sidecar has stored it. When
that cannot be done the answer makes the sender try again; nothing waits in memory.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from connectors import metrics
from connectors.clock import Clock
from connectors.connector import Connector, Hook
from connectors.events import (
    Credentials,
    HookRequest,
    Inbound,
    Mode,
    Received,
    Refused,
    Reply,
)
from connectors.gateway import Gateway, Unavailable, UnknownWorkspace, Unstorable
from connectors.link import REQUEST_SECONDS, Deadline
from connectors.server import ARRIVED, MAX_BODY_BYTES

log = logging.getLogger(__name__)
_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def create_app(
    connectors: Mapping[str, Connector], gateway: Gateway, clock: Clock
) -> Flask:
    """Return the receiver's application with every hook of these connectors."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    for connector in connectors.values():
        for hook in connector.hooks:
            app.add_url_rule(
                f"/hooks/<workspace>/{hook.path}",
                endpoint=f"{connector.name}:{hook.path}",
                view_func=_view(connector, hook, gateway, clock),
                methods=["POST"],
                # OPTIONS is refused like any other: nobody's browser calls this.
                provide_automatic_options=False,
            )
    _add_probes(app, gateway)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    return app


@dataclass(frozen=True, slots=True)
class _Way:
    """One request's way to the sidecar: whose it is, and until when."""

    gateway: Gateway
    workspace: str
    connector: str
    deadline: Deadline

    def credentials(self, *, fresh: bool = False) -> Credentials:
        return self.gateway.credentials(
            self.workspace, self.connector, fresh=fresh, deadline=self.deadline
        )

    def publish(self, event: Inbound) -> bool:
        return self.gateway.publish(
            self.workspace, self.connector, event, self.deadline
        )


def _view(
    connector: Connector, hook: Hook, gateway: Gateway, clock: Clock
) -> Callable[..., Response]:
    def receive(workspace: str, **parts: str) -> Response:
        began = time.perf_counter()
        way = _Way(gateway, workspace, connector.name, _deadline())
        outcome, reply = _receive(hook, way, clock, parts)
        metrics.HOOKS.labels(connector.name, outcome).inc()
        metrics.HOOK_SECONDS.labels(connector.name).observe(time.perf_counter() - began)
        if reply.status >= 400:
            # The path may hold a secret, the headers do: the rule says enough.
            log.info("refused %s: %s (%d)", hook.path, outcome, reply.status)
        return _response(reply)

    return receive


def _deadline() -> Deadline:
    # Another server than ours says nothing about how long it has kept the request.
    arrived = request.environ.get(ARRIVED)
    return Deadline.after() if arrived is None else Deadline(arrived + REQUEST_SECONDS)


def _receive(
    hook: Hook, way: _Way, clock: Clock, parts: Mapping[str, str]
) -> tuple[str, Reply]:
    """Return what came of a request, as a word and as the answer."""
    try:
        if not _WORKSPACE.fullmatch(way.workspace):
            raise Refused(404, "unknown_workspace")
        credentials = way.credentials()
        given = _read(hook, parts)
        try:
            received = _verified(hook, given, credentials, way, clock.now())
        except Refused as refused:
            if credentials.mode is not Mode.OFF:
                _keep(way, refused, given.body)
            raise
        if credentials.mode is Mode.OFF:
            return "off", received.reply
        repeats = [way.publish(event) for event in received.events]
    except UnknownWorkspace:
        return "unknown_workspace", _error(404, "unknown_workspace")
    except Unavailable:
        return "unavailable", hook.unavailable
    except Unstorable:
        return "unstorable", _error(400, "unstorable")
    except Refused as refused:
        return refused.reason, _error(refused.status, refused.reason)
    if not received.events:
        return "nothing_to_store", received.reply
    return "duplicate" if all(repeats) else "accepted", received.reply


def _keep(way: _Way, refused: Refused, body: bytes) -> None:
    """Store what a person should see of a refusal, before it is answered.

    A 400 means that the vendor itself has signed what nobody can read.
    """
    events = refused.events
    if not events and refused.status == 400:
        payload = {"reason": refused.reason, "bytes": len(body)}
        key = f"rejected:{sha256(body).hexdigest()}"
        events = (Inbound(f"{way.connector}.rejected", key, payload),)
    for event in events:
        way.publish(event)


def _read(hook: Hook, parts: Mapping[str, str]) -> HookRequest:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(415, "content_encoding")
    kind = request.mimetype
    if kind not in hook.content_types:
        raise Refused(415, "content_type")
    try:
        body = request.get_data(cache=True, parse_form_data=False)
    except RequestEntityTooLarge:
        raise Refused(413, "too_large") from None
    headers = {key.lower(): value for key, value in request.headers.items()}
    return HookRequest(body, headers, kind, dict(parts))


def _verified(
    hook: Hook, given: HookRequest, credentials: Credentials, way: _Way, now: datetime
) -> Received:
    try:
        return hook.receive(given, credentials, now)
    except Refused as refused:
        if refused.status != 401:
            raise
        # The secret may have been changed a moment ago.
        renewed = way.credentials(fresh=True)
        if renewed.etag == credentials.etag:
            raise
        return hook.receive(given, renewed, now)


def _error(status: int, reason: str) -> Reply:
    return Reply(status, json.dumps({"error": reason}).encode())


def _response(reply: Reply) -> Response:
    response = Response(reply.body, reply.status, content_type=reply.content_type)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    for key, value in reply.headers:
        response.headers[key] = value
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    reason = error.name.lower().replace(" ", "_")
    metrics.HOOKS.labels("none", f"http_{status}").inc()
    response = _response(_error(status, reason))
    for key, value in error.get_headers():
        if key.lower() == "allow":
            response.headers[key] = value
    return response


def _unexpected(error: Exception) -> Response:
    # The message may quote what it was working on; the type is enough for a log.
    log.error("unexpected %s", type(error).__name__)
    metrics.HOOKS.labels("none", "unexpected").inc()
    return _response(
        Reply(503, b'{"error":"try again"}', headers=(("Retry-After", "5"),))
    )


def _add_probes(app: Flask, gateway: Gateway) -> None:
    def healthz() -> Response:
        """Answer as long as the process lives; the sidecar is told, not judged."""
        state = "serving" if gateway.is_serving() else "down"
        return _response(Reply(200, json.dumps({"sidecar": state}).encode()))

    def readyz() -> Response:
        """Answer 200 when an event could be stored: the sidecar answers."""
        if gateway.is_serving():
            return _response(Reply(200, b'{"status":"ready"}'))
        return _response(_error(503, "sidecar_down"))

    def measured() -> Response:
        """Answer the metrics in Prometheus' text format."""
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/healthz", view_func=healthz, methods=["GET"])
    app.add_url_rule("/readyz", view_func=readyz, methods=["GET"])
    app.add_url_rule("/metrics", view_func=measured, methods=["GET"])
