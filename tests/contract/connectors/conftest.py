"""A real receiver on loopback, over a gateway whose memory a test can read."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from connectors.connector import load
from connectors.server import make_server
from connectors.web import create_app
from tests.contract.connectors.cases import CASES, HookCase
from tests.doubles.recording_gateway import RecordingGateway
from tests.servers import free_port

SECRET = "secret-of-the-tests"
NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


class MovableClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at


@dataclass(slots=True)
class Answer:
    """An answer of the receiver."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Receiver:
    """A running receiver; ``gateway`` is new for each test."""

    port: int
    clock: MovableClock
    gateway: RecordingGateway = field(default_factory=RecordingGateway)
    read_seconds: float = 2.0

    def send(
        self,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
    ) -> Answer:
        """Send a request as it is and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found = {key.lower(): value for key, value in answer.getheaders()}
            return Answer(answer.status, answer.read(), found)
        finally:
            connection.close()

    def hook(
        self,
        case: HookCase,
        body: bytes,
        *,
        secret: str = SECRET,
        workspace: str = "default",
        ago: float = 0.0,
        drop: tuple[str, ...] = (),
        extra: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a signed body; ``ago`` is the age of the signature in seconds."""
        signed_at = self.clock.now() - timedelta(seconds=ago)
        headers = {"Content-Type": case.content_type}
        headers |= dict(case.sign(secret, body, signed_at))
        headers |= dict(extra or {})
        for name in drop:
            headers.pop(name)
        return self.send(f"/hooks/{workspace}/{case.path}", body, headers)


class _Turning:
    """Hands every call to the gateway of the test that runs now."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def __getattr__(self, name: str) -> object:
        return getattr(self._receiver.gateway, name)


@pytest.fixture(scope="session")
def _running() -> Iterator[Receiver]:
    receiver = Receiver(free_port(), MovableClock())
    turning = _Turning(receiver)
    app = create_app(load(), turning, receiver.clock)  # type: ignore[arg-type]  # by __getattr__
    server = make_server(
        app, "127.0.0.1", receiver.port, read_seconds=receiver.read_seconds
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    yield receiver
    server.stop()
    thread.join(10)


@pytest.fixture
def receiver(_running: Receiver) -> Receiver:
    """The session's receiver with an empty gateway and every case set up."""
    _running.gateway = RecordingGateway()
    _running.clock.at = NOON
    for case in CASES:
        _running.gateway.set_up(case.connector, case.set_up(SECRET))
    return _running
