"""Faults by script: what goes wrong, for which requests, how often."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """What happens to the next ``times`` requests that fit, after ``skip`` of them.

    ``kind``: ``status`` answers ``status`` (with ``retry_after``, in either form);
    ``html`` the same as an HTML page; ``cut`` does the work and closes the
    connection without an answer; ``refuse`` closes it without the work; ``slow``
    waits ``seconds`` first; ``late`` waits between the work and the answer;
    ``redirect`` answers 302 to ``target``.
    """

    kind: str
    method: str = "*"
    path: str = ".*"
    times: int = 1
    status: int = 500
    retry_after: str = ""
    seconds: float = 0.0
    target: str = ""
    skip: int = 0

    def fits(self, method: str, path: str) -> bool:
        """Say whether a request is meant."""
        return self.method in ("*", method) and bool(re.search(self.path, path))


@dataclass(slots=True)
class Script:
    """Faults that are still to come."""

    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Let it happen."""
        with self.lock:
            self.faults.append(fault)

    def clear(self) -> None:
        """Let nothing more happen."""
        with self.lock:
            self.faults.clear()

    def next(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, counted down."""
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and fault.fits(method, path):
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None
