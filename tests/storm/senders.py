"""What the vendors send during a storm: signed, and again until it is accepted."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from plugin_ui.doubles.zendesk import CUSTOMER, ZendeskDouble
from plugin_ui.doubles.zendesk.hooks import SECRET, signed_headers

CALM = "Where do I find the invoice of last month? Thank you."
TROUBLE = "Production is down for all users since noon. We lose money. I am furious!"
ASKER = "U061F7AUR"
_TIMEOUT = 12


@dataclass(slots=True)
class Ledger:
    """What was sent and how it was answered; ids are the vendors' own."""

    accepted: dict[tuple[str, str], float] = field(default_factory=dict)
    sent: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class _Letter:
    source: str
    event_id: str
    path: str
    body: bytes
    content_type: str = "application/json"


class Senders:
    """Threads that post to a random receiver until every letter is accepted."""

    def __init__(
        self, ports: tuple[int, ...], zendesk: ZendeskDouble, slack_double: SlackDouble
    ) -> None:
        self.ledger = Ledger()
        self.tickets: list[int] = []
        self.questions: list[str] = []
        self._ports = ports
        self._zendesk = zendesk
        self._slack = slack_double
        self._letters: queue.Queue[_Letter | None] = queue.Queue()
        self._random = random.Random(7)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._post_all, name=f"sender-{n}", daemon=True)
            for n in range(6)
        ]
        zendesk.desk.emit = self._emit
        for thread in self._threads:
            thread.start()

    def make_traffic(self, seconds: float, rate: float) -> None:
        """Let customers write and colleagues ask, ``rate`` times a second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._something_happens()
            time.sleep(self._random.uniform(0.5, 1.5) / rate)

    def wait(self, seconds: float) -> int:
        """Wait until everything is accepted; return how many letters are left."""
        end = time.monotonic() + seconds
        while self._letters.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.05)
        return self._letters.unfinished_tasks

    def close(self) -> None:
        """Stop the threads."""
        self._stop.set()
        for _ in self._threads:
            self._letters.put(None)
        for thread in self._threads:
            thread.join(15)

    def _something_happens(self) -> None:
        desk = self._zendesk.desk
        chance = self._random.random()
        if chance < 0.2:
            self._ask()
        elif chance < 0.6 or not self.tickets:
            body = TROUBLE if self._random.random() < 0.15 else CALM
            self.tickets.append(desk.add_ticket(f"Request {len(self.tickets)}", body))
        else:
            number = self._random.choice(self.tickets)
            text = f"{CALM} It is about number {self._random.randrange(10**6)}."
            desk.add_comment(number, text, CUSTOMER)

    def _ask(self) -> None:
        message = self._slack.say(ASKER, f"<@{slack.BOT_USER}> where is my invoice?")
        event = {**message, "type": "app_mention", "channel": slack.CHANNEL}
        event_id = f"Ev{uuid.uuid4().hex}"
        self.questions.append(str(message["ts"]))
        body = slack.event_body(event, event_id)
        self._letters.put(_Letter("slack", event_id, "slack/events", body))

    def _emit(self, _kind: str, event: Mapping[str, Any]) -> None:
        body = json.dumps(event, indent=3).encode() + b"\n"
        self._letters.put(_Letter("zendesk", str(event["id"]), "zendesk", body))

    def _post_all(self) -> None:
        while (letter := self._letters.get()) is not None:
            try:
                self._post_until_accepted(letter)
            finally:
                self._letters.task_done()

    def _post_until_accepted(self, letter: _Letter) -> None:
        key = letter.source, letter.event_id
        with self.ledger.lock:
            self.ledger.sent.add(key)
        pause = 0.05
        while not self._stop.is_set():
            status, seconds = self._post(letter)
            with self.ledger.lock:
                self.ledger.statuses[status] += 1
                if 200 <= status < 300:
                    self.ledger.accepted[key] = time.monotonic()
                    self.ledger.seconds.append(seconds)
                    return
            assert status in (0, 409, 429, 503), (letter.path, status)
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _post(self, letter: _Letter) -> tuple[int, float]:
        """Return status and seconds of one attempt; 0 when there was no answer."""
        port = self._random.choice(self._ports)
        headers = {"Content-Type": letter.content_type, **_signed(letter)}
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        try:
            path = f"/hooks/default/{letter.path}"
            connection.request("POST", path, letter.body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0, time.perf_counter() - began
        else:
            return answer.status, time.perf_counter() - began
        finally:
            connection.close()


def _signed(letter: _Letter) -> dict[str, str]:
    if letter.source == "slack":
        return slack.signed_headers(slack.SIGNING_SECRET, letter.body, time.time())
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signed_headers(SECRET, stamp, letter.body)
