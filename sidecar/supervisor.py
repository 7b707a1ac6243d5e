"""Keeps N sidecar processes running on one port.

Children are started anew, never forked (gRPC does not survive a fork). Each holds
the reading end of a pipe whose other end is only ours: when this process dies, even
by SIGKILL, the pipe closes and the children stop by themselves. This module imports
no gRPC and no model, so that it stays small.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sidecar import logs
from sidecar.probes import Probes
from sidecar.settings import Settings, split_address

_LOG = logging.getLogger("sidecar.supervisor")

MISCONFIGURED = 2
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
# A child that ran this long was well; its next death starts the pauses anew.
_WELL_AFTER = 10.0
_TICK = 0.05
# What keeps a process small, unless the operator says otherwise; docs/performance.md
# has the figures. Read by the libraries when the process starts.
_LEAN = {
    # Threads of BLAS wait for each other by spinning; our matrices are small.
    "OPENBLAS_NUM_THREADS": "1",
    # glibc gives each of many threads a heap that never shrinks, and keeps what a
    # large array used; two heaps and arrays given back cost no time (measured).
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "MALLOC_TRIM_THRESHOLD_": "1000000",
}


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; it must understand ``--lifeline`` and ``--report``."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One program with its running process, restarted when that dies."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self.restarts = -1
        self._pause = _FIRST_PAUSE
        self._start_at = 0.0
        self._started_at = 0.0

    @property
    def is_alive(self) -> bool:
        """Say whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def start_if_due(self) -> None:
        """Start the process unless it runs or its pause is not over."""
        if self.process is None and time.monotonic() >= self._start_at:
            self._start()

    def reap(self) -> int | None:
        """Return the exit status of a process that has just died, else None."""
        if self.process is None or (status := self.process.poll()) is None:
            return None
        self.process = None
        self.is_ready = False
        now = time.monotonic()
        if now - self._started_at >= _WELL_AFTER:
            self._pause = _FIRST_PAUSE
        self._start_at = now + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return status

    def send(self, number: int) -> None:
        """Send a signal to the process if it runs."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def _start(self) -> None:
        self.restarts += 1
        self._started_at = time.monotonic()
        command = list(self.program.command)
        lifeline, our_end = os.pipe()
        reports, their_end = os.pipe()
        command += ["--lifeline", str(lifeline), "--report", str(their_end)]
        try:
            self.process = self._spawn(command, (lifeline, their_end))
        finally:
            os.close(lifeline)
            os.close(their_end)
        threading.Thread(
            target=self._follow, args=(self.process, reports, our_end), daemon=True
        ).start()

    def _spawn(
        self, command: list[str], descriptors: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C reaches this process only, which passes it on.
        return subprocess.Popen(
            command,
            env={**os.environ, **self.program.environment},
            pass_fds=descriptors,
            start_new_session=True,
        )

    def _follow(
        self, process: subprocess.Popen[bytes], reports: int, our_end: int
    ) -> None:
        """Note what the child reports, until it is gone; then let its pipes go."""
        with os.fdopen(reports, "rb") as lines:
            for line in lines:
                if self.process is process:
                    self.is_ready = line.strip() == b"ready"
        os.close(our_end)


class Supervisor:
    """Runs programs until told to stop; no process is left behind."""

    def __init__(
        self, programs: Sequence[Program], probes: Probes | None, patience: float
    ) -> None:
        self.children = [Child(program) for program in programs]
        self._probes = probes
        self._patience = patience
        self._stopping = threading.Event()
        self._signals = 0

    def run(self) -> int:
        """Start all, restart what dies, stop when told to; return the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        if self._probes is not None:
            self._probes.start(self.children, self._stopping)
        status = 0
        try:
            while not self._signals and status == 0:
                status = self._look_after_children()
                time.sleep(_TICK)
        finally:
            self._stop_children()
            if self._probes is not None:
                self._probes.close()
        return status

    def _on_signal(self, _number: int, _frame: object) -> None:
        # Only counted: to set an event that this very thread waits for can stick.
        self._signals += 1

    def _look_after_children(self) -> int:
        for child in self.children:
            process = child.process
            status = child.reap()
            if status is not None and process is not None:
                self._report_death(child, process.pid, status)
                if status == MISCONFIGURED:
                    return status  # starting it again cannot help
            child.start_if_due()
        return 0

    def _report_death(self, child: Child, pid: int, status: int) -> None:
        if self._probes is not None:
            self._probes.forget(pid)
        logs.event(
            _LOG,
            logging.WARNING,
            "process.died",
            program=child.program.name,
            pid=pid,
            status=status,
        )

    def _stop_children(self) -> None:
        self._stopping.set()
        for child in self.children:
            child.send(signal.SIGTERM)
        end = time.monotonic() + self._patience
        while any(child.is_alive for child in self.children):
            # A second Ctrl-C means: at once.
            if time.monotonic() >= end or self._signals > 1:
                for child in self.children:
                    child.send(signal.SIGKILL)
            time.sleep(_TICK)


def reserve_port(address: str) -> tuple[str, socket.socket | None]:
    """Return the address with a real port; port 0 is settled here for all processes.

    The socket only keeps the port: it does not listen, so no call is given to it.
    """
    host, port = split_address(address)
    if port:
        return address, None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind((host, 0))
    return f"{host}:{holder.getsockname()[1]}", holder


def sidecar_programs(
    settings: Settings, address: str, metrics_folder: Path
) -> list[Program]:
    """Return the N sidecar processes that share ``address``."""
    environment = {
        "DESKSIDE_SIDECAR_ADDRESS": address,
        "DESKSIDE_PROCESSES": str(settings.processes),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics_folder),
        **{name: os.environ.get(name, value) for name, value in _LEAN.items()},
    }
    command = [sys.executable, "-m", "sidecar.server"]
    return [
        Program(f"sidecar-{number}", command, environment)
        for number in range(settings.processes)
    ]


def run(settings: Settings) -> int:
    """Run the sidecar's processes until told to stop; return the exit status."""
    logs.configure(settings.log_level)
    address, holder = reserve_port(settings.sidecar_address)
    folder = Path(tempfile.mkdtemp(prefix="deskside-metrics-"))
    try:
        programs = sidecar_programs(settings, address, folder)
        probes = Probes(settings.metrics_address, folder)
        patience = settings.drain_seconds + 5.0
        return Supervisor(programs, probes, patience).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if holder is not None:
            holder.close()
