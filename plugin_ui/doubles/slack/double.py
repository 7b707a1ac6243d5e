"""A double of Slack: channels with memory, a ledger, scripted faults, signed requests.

It speaks the shapes of the Web API that the real SDK sends and expects: JSON or form
in, ``{"ok": …}`` out, errors with status 200, 429 with ``Retry-After``.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any

from plugin_ui.doubles.slack.requests import (
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
    CHANNEL,
    SIGNING_SECRET,
    TEAM,
)
from plugin_ui.doubles.slack.sender import Sender
from plugin_ui.doubles.slack.server import Handler
from plugin_ui.doubles.zendesk.faults import Fault, Script

# What Slack gives when no limit is asked for.
_PAGE = 100


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
        self.sender: Sender | None = None
        double = self

        class Owned(Handler):
            owner = double

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Owned)
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

    def subscribe(self, url: str) -> None:
        """Send events of every message there, as the app's manifest asks Slack to."""
        self.sender = Sender(url, self.secret)

    def say(
        self, user_id: str, text: str, thread_ts: str = "", **given: Any
    ) -> dict[str, Any]:
        """Let a person write into the channel; ``given`` are fields of the message."""
        message = {"type": "message", "user": user_id, "text": text, **given}
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
        """Script a fault; ``path`` names the method, such as ``chat.postMessage``.

        ``late`` does the work and gives the answer after ``seconds``.
        """
        self.script.add(Fault(kind, **given))

    def close(self) -> None:
        """Stop sending and serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        if self.sender is not None:
            self.sender.close()

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
        if any(map(_is_too_long, body.get("blocks") or [])):
            return {"ok": False, "error": "invalid_blocks"}
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
        if self.sender is not None:
            self.sender.tell_of(message, channel)
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
        return _page(list(reversed(kept)), body)

    def thread(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List a thread, oldest first; its root always, the rest since ``oldest``."""
        oldest = float(body.get("oldest") or 0)
        with self.lock:
            found = [
                m
                for m in self.messages[str(body["channel"])]
                if m["ts"] == body["ts"]
                or (m.get("thread_ts") == body["ts"] and float(m["ts"]) > oldest)
            ]
        return _page(found, body)

    def user(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Say who a user is."""
        found = self.users.get(str(body.get("user")))
        return {"ok": True, "user": found} if found else _error("user_not_found")


def _page(messages: list[dict[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return as many messages as were asked for, and where the next ones begin."""
    first = int(str(body.get("cursor") or 0))
    end = first + int(str(body.get("limit") or _PAGE))
    answer: dict[str, Any] = {
        "ok": True,
        "messages": _shown(messages[first:end], body),
        "has_more": end < len(messages),
    }
    if end < len(messages):
        answer["response_metadata"] = {"next_cursor": str(end)}
    return answer


def _shown(
    messages: list[dict[str, Any]], body: Mapping[str, Any]
) -> list[dict[str, Any]]:
    if str(body.get("include_all_metadata", "")).lower() in ("true", "1"):
        return messages
    return [{k: v for k, v in m.items() if k != "metadata"} for m in messages]


def _is_too_long(block: Mapping[str, Any]) -> bool:
    """Say whether a block breaks a limit of Block Kit, in characters."""
    most = {"header": 150, "section": 3_000}.get(str(block.get("type")), 3_000)
    text = str((block.get("text") or {}).get("text", ""))
    fields = [str(field.get("text", "")) for field in block.get("fields") or []]
    return len(text) > most or any(len(field) > 2_000 for field in fields)


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
