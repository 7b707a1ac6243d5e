"""The HTTP server: waitress, with a limit on how long a request may take to arrive.

waitress reads requests in one loop and hands only whole ones to its threads, keeps
bodies beyond 512 KB in a file, and stops reading at the cap, whatever a length or
chunks promise. What it lacks is a deadline for a request that trickles in: each byte
counts as activity. That is added here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

MAX_BODY_BYTES = 10 * 1024 * 1024
READ_SECONDS = 8.0
THREADS = 16
ARRIVED = "deskside.arrived"
"""In the WSGI environment: when the request was whole, in monotonic seconds."""


class _Request(HTTPRequestParser):
    """Remembers when it was whole: waiting for a thread is waiting, too."""

    arrived = 0.0

    def received(self, data: bytes) -> int:
        read: int = super().received(data)
        if self.completed and not self.arrived:
            self.arrived = time.monotonic()
        return read


class _Task(WSGITask):
    """Tells the application when its request arrived."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if isinstance(self.request, _Request):
            environ[ARRIVED] = self.request.arrived
        return environ


class _Channel(HTTPChannel):
    """Remembers since when a request is incomplete (monotonic seconds)."""

    parser_class = _Request
    task_class = _Task
    began: float | None = None

    def received(self, data: bytes) -> bool:
        whole: bool = super().received(data)
        if self.request is None:
            self.began = None
        elif self.began is None:
            self.began = time.monotonic()
        return whole


class HookServer(TcpWSGIServer):
    """Serves one WSGI application on one address until ``stop``."""

    channel_class = _Channel
    read_seconds = READ_SECONDS
    _stopping = False
    sockets: dict[int, Any]

    def run(self) -> None:
        """Serve until ``stop``, then finish the requests that are whole."""
        while not self._stopping:
            self.asyncore.loop(timeout=0.5, map=self.sockets, use_poll=True, count=1)
        self.task_dispatcher.shutdown(cancel_pending=False, timeout=2)
        # What the last tasks answered is still in the buffers.
        self.asyncore.loop(timeout=0.05, map=self.sockets, use_poll=True, count=4)
        self.asyncore.close_all(self.sockets, ignore_all=True)

    def stop(self) -> None:
        """Make ``run`` return, from another thread."""
        self._stopping = True
        self.pull_trigger()

    def maintenance(self, now: int) -> None:
        """Close what is idle, and what has been arriving for too long."""
        super().maintenance(now)
        limit = time.monotonic() - self.read_seconds
        for channel in self.sockets.values():
            if not isinstance(channel, _Channel) or channel.requests:
                continue
            if channel.began is not None and channel.began < limit:
                channel.will_close = True


def make_server(
    app: WSGIApplication, host: str, port: int, *, read_seconds: float = READ_SECONDS
) -> HookServer:
    """Return a listening server; ``run`` serves, from another thread or this one."""
    given: dict[str, Any] = {
        "listen": f"{'[' + host + ']' if ':' in host else host}:{port}",
        "threads": THREADS,
        # Above it waitress answers 413 and reads no further.
        "max_request_body_size": MAX_BODY_BYTES + 1,
        "max_request_header_size": 64 * 1024,
        "channel_timeout": int(max(1, read_seconds)),
        "cleanup_interval": 1,
        "asyncore_use_poll": True,
        "connection_limit": 800,
        "ident": "",
        # Proxy headers of strangers mean nothing here: nobody is known by address.
        "clear_untrusted_proxy_headers": True,
        "log_socket_errors": False,
    }
    sockets: dict[int, Any] = {}
    server = HookServer(app, map=sockets, adj=Adjustments(**given))
    server.sockets = sockets
    server.read_seconds = read_seconds
    return server
