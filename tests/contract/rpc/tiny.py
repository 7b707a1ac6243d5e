"""A real server with small methods, for the rules that hold before any servicer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sidecar.cache.memory import MemoryRateLimiter
from sidecar.client import SidecarClient
from sidecar.domain.access import Principal, Role
from sidecar.errors import Reason, SignIn
from sidecar.furnish import Wiring
from sidecar.rpc.interceptors.pace import Limits
from sidecar.server import Options, SidecarServer

CLASSIFY = "/sidecar.v1.AssistService/Classify"
RETRIEVE = "/sidecar.v1.AssistService/Retrieve"
STREAM = "/sidecar.v1.AssistService/StreamDraftReply"
UNLIMITED = Limits(10**9, 10**9, 10**9)

KEYS = {
    role.value: Principal("w", role, f"key:{role.value}", role.value) for role in Role
}
KEYS["other"] = Principal("w2", Role.ADMIN, "key:other", "other")


def authenticate(bearer: str) -> Principal:
    """Know the roles' names as keys."""
    if bearer not in KEYS:
        raise SignIn(Reason.CREDENTIALS_INVALID)
    return KEYS[bearer]


@dataclass
class Tiny:
    """The running server, what it audited, and a switch for its database."""

    port: int
    server: SidecarServer
    audited: list[tuple[str, str]] = field(default_factory=list)
    trouble: Exception | None = None
    readiness: list[bool] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def client(self, key: str = "admin", **more: Any) -> SidecarClient:
        """Return a client with one of the keys."""
        return SidecarClient(self.address, key, **more)


@contextmanager
def serving(
    methods: Mapping[str, Callable[..., Any]], options: Options | None = None
) -> Iterator[Tiny]:
    """Run a server with these methods on a free port of loopback."""
    tiny: Tiny

    def ping() -> None:
        if tiny.trouble is not None:
            raise tiny.trouble

    wiring = Wiring(
        methods=methods,
        authenticate=authenticate,
        audit=lambda *line: tiny.audited.append((line[1], line[2])),
        ping=ping,
        limiter=MemoryRateLimiter(),
    )
    readiness: list[bool] = []
    server = SidecarServer(
        wiring, options or Options(limits=UNLIMITED), readiness.append
    )
    tiny = Tiny(server.port, server, readiness=readiness)
    server.start()
    try:
        yield tiny
    finally:
        server.stop(0.2)


def in_threads(count: int, work: Callable[[int], None]) -> list[threading.Thread]:
    """Start ``work(0..count-1)``, each in a thread."""
    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    return threads
