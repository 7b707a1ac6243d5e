"""The double's webhooks: signed as Zendesk signs, tried again as Zendesk does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
_CONFLICT_RETRIES = 3
_SHORT_WAIT = 60


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return base64(HMAC-SHA256(secret as text, timestamp + body))."""
    mac = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def signed_headers(secret: str, stamp: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Account-Id": "12514403",
        "X-Zendesk-Webhook-Id": "01J9ZK0000000000000000WHID",
        "X-Zendesk-Webhook-Invocation-Id": "01J9ZK5V6W7X8Y9Z0A1B2C3D4E",
        "X-Zendesk-Webhook-Signature": sign(secret, stamp, body),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


@dataclass(slots=True)
class Delivery:
    """One event and how its attempts were answered (0: no answer)."""

    kind: str
    body: bytes
    statuses: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Say whether an attempt was answered 2xx."""
        return any(200 <= status < 300 for status in self.statuses)


class Webhook:
    """Posts events to one address, one after the other, in a thread of its own.

    ``trigger`` sends an administrator's body of ids instead of the event. Set
    ``broken`` to let every attempt fail without being sent.
    """

    def __init__(
        self,
        url: str,
        secret: str = SECRET,
        *,
        trigger: bool = False,
        now: Callable[[], datetime] | None = None,
        wait_scale: float = 1.0,
    ) -> None:
        self.url = url
        self.secret = secret
        self.trigger = trigger
        self.broken = False
        self.deliveries: list[Delivery] = []
        self._now = now or (lambda: datetime.now(UTC))
        self._scale = wait_scale
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, kind: str, event: Mapping[str, Any]) -> None:
        """Queue an event."""
        self._queue.put(Delivery(kind, self._body(event)))

    def wait(self, seconds: float = 10.0) -> None:
        """Wait until everything queued has been tried."""
        end = time.monotonic() + seconds
        while self._queue.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)
        assert not self._queue.unfinished_tasks, "webhooks are still being sent"

    def close(self) -> None:
        """Stop after what is queued."""
        self._queue.put(None)
        self._thread.join(10)

    def post(self, body: bytes, stamp: str = "") -> tuple[int, str, float]:
        """Post a signed body at once: status (0 for none), Retry-After, seconds."""
        stamp = stamp or self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parts = urlsplit(self.url)
        began = time.monotonic()
        connection = http.client.HTTPConnection(parts.netloc, timeout=12)
        try:
            headers = signed_headers(self.secret, stamp, body)
            connection.request("POST", parts.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            wait = answer.getheader("Retry-After", "")
            return answer.status, wait, time.monotonic() - began
        except OSError:
            return 0, "", time.monotonic() - began
        finally:
            connection.close()

    def _body(self, event: Mapping[str, Any]) -> bytes:
        if not self.trigger:
            # As really delivered: three blanks, and a newline at the end.
            return json.dumps(event, indent=3).encode() + b"\n"
        detail = event["detail"]
        return json.dumps(
            {"ticket_id": detail["id"], "updated_at": detail["updated_at"]}
        ).encode()

    def _run(self) -> None:
        while (delivery := self._queue.get()) is not None:
            self.deliveries.append(delivery)
            try:
                self._deliver(delivery)
            finally:
                self._queue.task_done()
        self._queue.task_done()

    def _deliver(self, delivery: Delivery) -> None:
        for _ in range(1 + _CONFLICT_RETRIES):
            status, wait, _ = (0, "", 0.0) if self.broken else self.post(delivery.body)
            delivery.statuses.append(status)
            short = wait.isdigit() and int(wait) < _SHORT_WAIT
            if status not in (409, 429, 503) or (status != 409 and not short):
                return
            time.sleep((int(wait) if short else 1) * self._scale)
