"""Processes that belong to one parent: started, watched, started again, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FOLLOW = Path(__file__).with_name("follow.py")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
# A process that has lived this long had a good start: its next fall counts as first.
_GOOD_LIFE = 60.0


@dataclass(slots=True)
class Child:
    """One command and the process that runs it; times are of the monotonic clock."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    start_at: float | None = None
    rest: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        """Start it in a process group of its own, bound to this process's life.

        Ctrl-C on the terminal then reaches only the parent, which ends its children
        in order.
        """
        self.start_at = None
        self.started = time.monotonic()
        self.rest = b""
        lead = [sys.executable, "-I", "-S", str(FOLLOW), str(os.getpid())]
        self.process = subprocess.Popen(
            [*lead, *self.command],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )

    @property
    def is_alive(self) -> bool:
        """Say whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def lines(self, data: bytes) -> list[str]:
        """Return the whole lines among what was read so far."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > 65536:  # a line without end must not fill the memory
            whole.append(self.rest)
            self.rest = b""
        return [line.decode("utf-8", "replace") for line in whole]

    def fell(self) -> float:
        """Note that it ended by itself; return the seconds until its next start."""
        now = time.monotonic()
        self.falls = 1 if now - self.started > _GOOD_LIFE else self.falls + 1
        pause = min(_FIRST_PAUSE * 2 ** (self.falls - 1), _LONGEST_PAUSE)
        self.start_at = now + pause
        return float(pause)

    def signal(self, number: signal.Signals) -> None:
        """Signal the process; SIGKILL goes to everything in its group."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.is_alive:
                self.process.send_signal(number)
