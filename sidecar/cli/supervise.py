"""One parent in the foreground: starts its parts, shows their lines, ends them all."""

from __future__ import annotations

import http.client
import selectors
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from urllib.parse import urlsplit

from sidecar.cli.children import Child
from sidecar.cli.loglines import Screen

STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK_STARTING, _TICK = 0.05, 0.5
# Beyond the sidecar's own drain, the processes get this long before they are killed.
_STOP_SECONDS = 6.0
# After a second Ctrl-C, a process may end its own children before it is killed.
_KILL_SECONDS = 1.0
_READ_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Part:
    """A child, and the address that answers 200 when it is ready ('' for none)."""

    child: Child
    ready_url: str = ""
    after_ready: bool = False


class Supervisor:
    """Runs parts until a signal; ``run`` returns the exit status."""

    def __init__(
        self, parts: Sequence[Part], screen: Screen, drain_seconds: float
    ) -> None:
        self._parts = parts
        self._patience = drain_seconds + _STOP_SECONDS
        self._screen = screen
        self._selector = selectors.DefaultSelector()
        self._stops = 0
        self._ready = threading.Event()
        self._failed = False

    def run(self, announce: Sequence[str], began: float) -> int:
        """Start everything, announce when it is ready, and stay until told to stop."""
        for number in STOPPERS:
            # Under nohup a terminal that closes is meant to change nothing.
            ignored = signal.getsignal(number) is signal.SIG_IGN
            if number != signal.SIGHUP or not ignored:
                signal.signal(number, self._on_signal)
        for part in self._parts:
            if not part.after_ready:
                self._start(part.child)
        threading.Thread(target=self._wait_until_ready, daemon=True).start()
        announced = False
        while not self._stops and not self._failed:
            self._turn(_TICK if announced else _TICK_STARTING)
            if self._ready.is_set() and not announced:
                announced = True
                self._announce(announce, time.monotonic() - began)
        self._end()
        return 1 if self._failed else 0

    def _announce(self, lines: Sequence[str], seconds: float) -> None:
        for line in lines:
            self._screen.line("deskside", line)
        self._screen.line("deskside", f"ready in {seconds:.1f} s; Ctrl-C stops it")
        for part in self._parts:
            if part.after_ready:
                self._start(part.child)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stops += 1

    def _start(self, child: Child) -> None:
        child.start()
        assert child.process is not None
        assert child.process.stdout is not None
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _turn(self, seconds: float) -> None:
        """Show what was written, and see to children that have ended."""
        with suppress(InterruptedError):
            for key, _ in self._selector.select(seconds):
                self._read(key)
        if self._stops:
            return
        for part in self._parts:
            self._see_to(part.child)

    def _read(self, key: selectors.SelectorKey) -> None:
        child: Child = key.data
        data = key.fileobj.read1(_READ_BYTES)  # type: ignore[union-attr]  # a pipe
        for line in child.lines(data or b"\n"):
            self._screen.output(child.name, line)
        if not data:
            self._selector.unregister(key.fileobj)

    def _see_to(self, child: Child) -> None:
        now = time.monotonic()
        if child.start_at is not None and now >= child.start_at:
            self._start(child)
        elif child.process is not None and child.start_at is None:
            status = child.process.poll()
            if status is not None:
                self._ended(child, status)

    def _ended(self, child: Child, status: int) -> None:
        child.signal(signal.SIGKILL)  # what it may have left in its group
        if child.once:
            child.process = None
            if status:
                self._screen.line(child.name, "did not finish; see above", "yellow")
            return
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if not self._ready.is_set():
            # It never worked: starting it again would only repeat its complaint.
            self._screen.line("deskside", f"{child.name} cannot start ({how})", "red")
            self._failed = True
            return
        text = f"{child.name} ended ({how}); again in {child.fell():.1f} s"
        self._screen.line("deskside", text, "yellow")

    def _end(self) -> None:
        """Ask all to stop; kill what takes too long, or all at the next signal."""
        children = [part.child for part in self._parts if part.child.is_alive]
        if children:
            self._screen.line("deskside", "stopping; Ctrl-C again stops at once")
        asked = self._stops
        for patience in (self._patience, _KILL_SECONDS):
            for child in reversed(children):
                child.signal(signal.SIGTERM)
            self._wait_for(children, patience, asked)
            asked = self._stops + 1  # a third signal changes nothing any more
        for part in self._parts:
            part.child.signal(signal.SIGKILL)
            if part.child.process is not None:
                part.child.process.wait()
        self._drain()
        self._screen.line("deskside", "stopped")

    def _wait_for(self, children: Sequence[Child], seconds: float, asked: int) -> None:
        """Show last lines until all have ended, time is up or a signal comes."""
        deadline = time.monotonic() + seconds
        while any(child.is_alive for child in children):
            self._drain()
            if self._stops > asked or time.monotonic() > deadline:
                return

    def _drain(self) -> None:
        with suppress(InterruptedError):
            for key, _ in self._selector.select(_TICK_STARTING):
                self._read(key)

    def _wait_until_ready(self) -> None:
        waiting = [part.ready_url for part in self._parts if part.ready_url]
        while waiting:
            waiting = [url for url in waiting if not answers(url)]
            if waiting:
                time.sleep(_TICK_STARTING)
        self._ready.set()


def answers(url: str) -> bool:
    """Say whether a GET of this address on loopback is answered with 200."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=2)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(
    parts: Sequence[Part], announce: Sequence[str], began: float, drain_seconds: float
) -> int:
    """Supervise the parts in this terminal; returns the exit status."""
    return Supervisor(parts, Screen(), drain_seconds).run(announce, began)
