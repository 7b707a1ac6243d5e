"""Until when a call may run: its own deadline, or the server's when it has none."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar.errors import Reason, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A caller that named no deadline would otherwise hold a thread for ever.
_BY_METHOD = {
    "DraftReply": 60.0,
    "StreamDraftReply": 60.0,
    "Summarize": 60.0,
    "AddDocument": 120.0,
    "LeaseEvents": 35.0,
    "ExportCustomer": 120.0,
    "StartReplay": 120.0,
    "StartEvaluation": 120.0,
    "TrainClassifier": 120.0,
}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds a call may take at most, and the least it must bring along."""

    default: float = 30.0
    by_method: Mapping[str, float] = field(default_factory=lambda: _BY_METHOD)
    least: float = 0.1
    # What the servicer gets to end in good order before the call is cut off.
    grace: float = 1.0

    def seconds(self, name: str, remaining: float | None) -> float:
        """Return how long the call may run; raises when that is too short to begin."""
        allowed = self.by_method.get(name, self.default)
        if remaining is None:
            return allowed
        if remaining < self.least:
            raise TryAgain(Reason.DEADLINE_TOO_SHORT)
        return min(remaining, allowed)


class Watchdog:
    """Cuts off calls that outlive their deadline, with one thread for all."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def watch(self, when: float, cut: Callable[[], object]) -> None:
        """Call ``cut`` at ``when`` (monotonic seconds), even if the call is over."""
        with self._changed:
            number = next(self._numbers)
            heapq.heappush(self._heap, (when, number, cut))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="rpc-watchdog", daemon=True
                )
                self._thread.start()
            # Whoever waits for an earlier one need not wake up for this.
            if self._heap[0][1] == number:
                self._changed.notify()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, cut = heapq.heappop(self._heap)
            cut()
