"""Slack's Events API: what is said in a channel is told to those who subscribed.

A mention in a channel is told twice, under two identifiers: as ``app_mention`` and,
because the app is a member there, as the ``message`` it is as well. The app's own
messages are told like everybody's. Facts: docs.slack.dev, "app_mention",
"message.channels" and "Events API" (three repeats of what is not answered 2xx).
"""

from __future__ import annotations

import contextlib
import http.client
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from plugin_ui.doubles.slack.requests import BOT_USER, event_body, signed_headers

_PAUSES = (0.0, 0.5, 2.0)
"""Seconds before each repeat; Slack's are none, a minute and five."""
_PATIENCE = 3.0
_SENT_AT_ONCE = 4
_NOT_TOLD = ("metadata", "blocks")


def events_of(message: Mapping[str, Any], channel: str) -> list[dict[str, Any]]:
    """Return the events of a message in a channel in which the app is a member."""
    told = {k: v for k, v in message.items() if k not in _NOT_TOLD}
    told |= {"channel": channel, "event_ts": message["ts"]}
    direct = channel.startswith("D")
    plain = {**told, "channel_type": "im" if direct else "channel"}
    mentioned = f"<@{BOT_USER}" in str(message.get("text", ""))
    if direct or not mentioned or message.get("bot_id"):
        return [plain]
    kept = {k: v for k, v in told.items() if k != "subtype"}
    return [{**kept, "type": "app_mention"}, plain]


class Sender:
    """Sends signed events to one address, several at once and in no order."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = urlsplit(url)
        self._secret = secret
        self._pool = ThreadPoolExecutor(_SENT_AT_ONCE, "slack-events")

    def tell_of(self, message: Mapping[str, Any], channel: str) -> None:
        """Send the events of a message."""
        for event in events_of(message, channel):
            body = event_body(event, f"Ev{uuid.uuid4().hex}")
            # A request that came before the end may post after it.
            with contextlib.suppress(RuntimeError):
                self._pool.submit(self._send, body)

    def close(self) -> None:
        """Send nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, body: bytes) -> None:
        for number in range(len(_PAUSES) + 1):
            if number:
                time.sleep(_PAUSES[number - 1])
            if 200 <= self._attempt(body, number) < 300:
                return

    def _attempt(self, body: bytes, number: int) -> int:
        headers = signed_headers(self._secret, body, time.time())
        headers["Content-Type"] = "application/json"
        if number:
            headers["X-Slack-Retry-Num"] = str(number)
            headers["X-Slack-Retry-Reason"] = "http_error"
        place = f"{self._url.hostname}:{self._url.port}"
        connection = http.client.HTTPConnection(place, timeout=_PATIENCE)
        try:
            connection.request("POST", self._url.path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
