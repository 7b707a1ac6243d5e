"""``/healthz``, ``/readyz`` and ``/metrics`` over HTTP, for all processes together."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from sidecar.errors import Misconfigured
from sidecar.settings import split_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sidecar.supervisor import Child

_TEXT = "text/plain; charset=utf-8"


class Probes:
    """The supervisor's HTTP server; it answers GET on three paths and nothing else."""

    def __init__(self, address: str, metrics_folder: Path) -> None:
        self._folder = metrics_folder
        self._children: Sequence[Child] = ()
        self._stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"probes": self})
        try:
            self._server = ThreadingHTTPServer(split_address(address), handler)
        except OSError as error:
            raise Misconfigured(
                f"DESKSIDE_METRICS_ADDRESS: cannot listen on {address}"
                f" ({error.strerror})."
            ) from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def start(self, children: Sequence[Child], stopping: threading.Event) -> None:
        """Begin to answer about these children."""
        self._children, self._stopping = children, stopping
        threading.Thread(
            target=self._server.serve_forever, name="probes", daemon=True
        ).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def forget(self, pid: int) -> None:
        """Take the gauges of a dead process out of the sums; its counts stay."""
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]  # not typed there

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status, media type and body for a path."""
        if path == "/healthz":
            return self._say(any(child.is_alive for child in self._children))
        if path == "/readyz":
            some = any(child.is_ready for child in self._children)
            return self._say(some and not self._stopping.is_set())
        if path == "/metrics":
            return (
                200,
                _TEXT.replace("plain;", "plain; version=0.0.4;"),
                self._metrics(),
            )
        return 404, _TEXT, b"not found\n"

    def _say(self, good: bool) -> tuple[int, str, bytes]:
        return (200, _TEXT, b"ok\n") if good else (503, _TEXT, b"not now\n")

    def _metrics(self) -> bytes:
        from prometheus_client import CollectorRegistry, Gauge, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]  # not typed there
        running = Gauge(
            "deskside_processes_running", "Processes that run.", registry=registry
        )
        running.set(sum(child.is_alive for child in self._children))
        restarts = Gauge(
            "deskside_process_restarts",
            "Times a process was started again after its death.",
            registry=registry,
        )
        restarts.set(sum(max(child.restarts, 0) for child in self._children))
        return generate_latest(registry)


class _Handler(BaseHTTPRequestHandler):
    """Reads a request; a slow one is cut off."""

    probes: Probes
    timeout = 5
    server_version = "deskside"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one of the three paths."""
        status, media_type, body = self.probes.answer(self.path.partition("?")[0])
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        """Keep probes out of the log."""
