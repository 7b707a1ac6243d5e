"""A double of Slack: channels with memory, a ledger, scripted faults, signed requests.

It speaks the shapes of the Web API that the real SDK sends and expects: JSON or form
in, ``{"ok": …}`` out, errors with status 200, 429 with ``Retry-After``.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from plugin_ui.doubles.zendesk.faults import Fault, Script

BOT_TOKEN, SIGNING_SECRET = (
    "xoxb-token-of-the-double",
    "8f742231b10e8888abcd99yyyzzz85a5",
)
TEAM, CHANNEL, BOT_USER, BOT_ID = "T061EG9R6", "C0ESC", "U0LAN0Z89", "B0OWN"


@dataclass(frozen=True, slots=True)
class Called:
    """One request as it came."""

    method: str
    body: Mapping[str, Any]


class SlackDouble:
    """A running double; ``messages`` is what people see, ``ledger`` every request."""

    def __init__(
        self,
        port: int = 0,
        token: str = BOT_TOKEN,
        secret: str = SIGNING_SECRET,
    ) -> None:
        self.script = Script()
        self.lock = threading.Lock()
        self.ledger: list[Called] = []
        self.messages: dict[str, list[dict[str, Any]]] = {CHANNEL: []}
        self.whispers: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.users: dict[str, dict[str, Any]] = {}
        self.token = token
        self.secret = secret
        self.count = 0
        double = self

        class Handler(_Handler):
            owner = double

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Address of the double."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """Connector settings that lead here."""
        return {
            "bot_token": self.token,
            "signing_secret": self.secret,
            "team_id": TEAM,
            "channel": CHANNEL,
            "base_url": f"{self.address}/api/",
        }

    def add_user(self, user_id: str, email: str, **given: Any) -> str:
        """Let a person be in the team."""
        self.users[user_id] = {
            "id": user_id,
            "team_id": TEAM,
            "is_bot": False,
            "is_email_confirmed": True,
            "profile": {"email": email},
            **given,
        }
        return user_id

    def say(self, user_id: str, text: str, thread_ts: str = "") -> dict[str, Any]:
        """Let a person write into the channel."""
        message = {"type": "message", "user": user_id, "text": text}
        return self._append(CHANNEL, message, thread_ts)

    def cards(self) -> list[dict[str, Any]]:
        """Return what the app posted into the channel itself, not into threads."""
        with self.lock:
            found = self.messages[CHANNEL]
            return [m for m in found if m.get("bot_id") and not m.get("thread_ts")]

    def replies(self, thread_ts: str) -> list[dict[str, Any]]:
        """Return what the app posted into a thread."""
        with self.lock:
            found = self.messages[CHANNEL]
            return [
                m for m in found if m.get("bot_id") and m.get("thread_ts") == thread_ts
            ]

    def fail(self, kind: str, **given: Any) -> None:
        """Script a fault; ``path`` names the method, such as ``chat.postMessage``."""
        self.script.add(Fault(kind, **given))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def answer(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a method of the Web API does."""
        known = _METHODS.get(method)
        with self.lock:
            self.ledger.append(Called(method, body))
        if known is None:
            return {"ok": False, "error": "unknown_method"}
        channel = body.get("channel")
        if channel is not None and channel not in self.messages:
            return {"ok": False, "error": "channel_not_found"}
        return known(self, body)

    def _append(
        self, channel: str, message: dict[str, Any], thread_ts: str
    ) -> dict[str, Any]:
        with self.lock:
            self.count += 1
            message["ts"] = f"{1_770_113_700 + self.count}.{self.count % 1_000_000:06d}"
            if thread_ts:
                message["thread_ts"] = thread_ts
            self.messages[channel].append(message)
        return message

    def auth_test(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        """Say who the token is."""
        return {"ok": True, "team_id": TEAM, "user": "deskbot", "user_id": BOT_USER}

    def post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Post a message."""
        kept = {k: body[k] for k in ("text", "blocks", "metadata") if k in body}
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, **kept}
        thread_ts = str(body.get("thread_ts", ""))
        posted = self._append(str(body["channel"]), message, thread_ts)
        return {"ok": True, "channel": body["channel"], "ts": posted["ts"]}

    def update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a message."""
        with self.lock:
            for message in self.messages[str(body["channel"])]:
                if message["ts"] == body["ts"]:
                    message["text"] = body.get("text", "")
                    message["blocks"] = body.get("blocks", [])
                    return {"ok": True, "channel": body["channel"], "ts": body["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def whisper(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show something to one person."""
        with self.lock:
            self.whispers.append(dict(body))
        return {"ok": True, "message_ts": "1.1"}

    def history(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List a channel, newest first; metadata only when asked for."""
        with self.lock:
            found = list(self.messages[str(body["channel"])])
        kept = [m for m in found if not m.get("thread_ts")]
        return {"ok": True, "messages": _shown(list(reversed(kept)), body)}

    def thread(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List a thread, oldest first."""
        with self.lock:
            found = [
                m
                for m in self.messages[str(body["channel"])]
                if body["ts"] in (m["ts"], m.get("thread_ts"))
            ]
        return {"ok": True, "messages": _shown(found, body)}

    def user(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Say who a user is."""
        found = self.users.get(str(body.get("user")))
        return {"ok": True, "user": found} if found else _error("user_not_found")


def _shown(
    messages: list[dict[str, Any]], body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if str(body.get("include_all_metadata", "")).lower() in ("true", "1"):
        return messages
    return [{k: v for k, v in m.items() if k != "metadata"} for m in messages]


def _error(word: str) -> dict[str, Any]:
    return {"ok": False, "error": word}


_METHODS = {
    "auth.test": SlackDouble.auth_test,
    "chat.postMessage": SlackDouble.post,
    "chat.update": SlackDouble.update,
    "chat.postEphemeral": SlackDouble.whisper,
    "conversations.history": SlackDouble.history,
    "conversations.replies": SlackDouble.thread,
    "users.info": SlackDouble.user,
}


class _Handler(BaseHTTPRequestHandler):
    owner: SlackDouble
    protocol_version = "HTTP/1.1"

    def log_message(self, *_given: Any) -> None:
        """Say nothing; the ledger remembers."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        path = urlsplit(self.path).path
        fault = self.owner.script.next("POST", path)
        if fault and fault.seconds:
            time.sleep(fault.seconds)
        if fault and fault.kind == "refuse":
            return self._cut()
        if fault and fault.kind == "status":
            return self._send(fault.status, b'{"ok":false}', fault.retry_after)
        answer = self._answer(path, raw)
        if fault and fault.kind == "cut":
            return self._cut()
        return self._send(200, json.dumps(answer).encode())

    def _answer(self, path: str, raw: bytes) -> dict[str, Any]:
        if path.startswith("/commands/"):
            with self.owner.lock:
                self.owner.answers.append(json.loads(raw))
            return {"ok": True}
        if self.headers.get("Authorization") != f"Bearer {self.owner.token}":
            return _error("invalid_auth")
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
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)


def signed_headers(secret: str, body: bytes, moment: float) -> dict[str, str]:
    """Return the headers with which Slack signs a body."""
    stamp = str(int(moment))
    signed = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def event_body(event: Mapping[str, Any], event_id: str) -> bytes:
    """Return the body of an Events API call."""
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": event_id,
        "event_time": 1770113729,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event": dict(event),
    }
    return json.dumps(body).encode()


def command_body(user: str, text: str, trigger: str, response_url: str = "") -> bytes:
    """Return the body of a slash command."""
    fields = {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "user_id": user,
        "user_name": "ana",
        "command": "/deskside",
        "text": text,
        "response_url": response_url,
        "trigger_id": trigger,
    }
    return urlencode(fields).encode()


def pressed_body(
    user: str, card: Mapping[str, Any], action: str, **given: str
) -> bytes:
    """Return the body Slack sends when a person uses an element of a card."""
    for block in card["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == action:
                pressed = {
                    "type": element["type"],
                    "action_id": action,
                    "block_id": block.get("block_id", ""),
                    "action_ts": given.pop("action_ts", "1770113729.612345"),
                    **given,
                }
                if "value" in element:
                    pressed["value"] = element["value"]
                return _interaction(user, card, pressed)
    raise LookupError(f"the card has no {action}")


def _interaction(
    user: str, card: Mapping[str, Any], action: Mapping[str, Any]
) -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"message_ts": card["ts"], "channel_id": CHANNEL},
        "channel": {"id": CHANNEL},
        "response_url": "https://hooks.slack.com/actions/T061EG9R6/1/def",
        "actions": [dict(action)],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()
