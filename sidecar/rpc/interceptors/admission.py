"""Room for one more? Decided before a thread is taken, so that refusing is cheap.

gRPC queues calls without bound when all threads are busy. Here the queue is short,
one caller may fill only a part of it, and refusals and health answers have threads
of their own: they come at once even when everything else is stuck.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# So long after a call another one is expected: longer than a pause between two calls
# of a program, shorter than a person notices.
_SOON = 0.1


@dataclass(frozen=True, slots=True)
class Room:
    """How many calls run at once, how many may wait, and one caller's share (0..1)."""

    threads: int = 32
    queue: int = 32
    share: float = 0.75

    @property
    def total(self) -> int:
        """Return how many calls are let in before refusals begin."""
        return self.threads + self.queue

    @property
    def per_caller(self) -> int:
        """Return how many of them may belong to one caller."""
        return max(1, int(self.total * self.share))


class Admission(ThreadPoolExecutor):
    """The threads of the server, which know how many calls are let in, and whose."""

    def __init__(self, room: Room) -> None:
        super().__init__(room.threads, thread_name_prefix="rpc")
        self.reserve = ThreadPoolExecutor(2, thread_name_prefix="rpc-reserve")
        self._room = room
        self._lock = threading.Lock()
        self._inside: Counter[str] = Counter()
        self._total = 0
        self._next = ""
        self._left_at = 0.0

    def admit(self, metadata: Iterable[tuple[str, str | bytes]]) -> bool:
        """Say whether the call about to be submitted may come in.

        Called and followed by ``submit`` on gRPC's one polling thread, which is what
        makes it safe to remember the caller in between.
        """
        caller = _caller(metadata)
        with self._lock:
            full = self._total >= self._room.total
            greedy = self._inside[caller] >= self._room.per_caller
            if full or greedy:
                if not self._inside[caller]:
                    del self._inside[caller]
                return False
            self._next = caller
            return True

    @property
    def is_empty(self) -> bool:
        """Say whether no call runs or waits."""
        with self._lock:
            return self._total == 0

    @property
    def is_busy(self) -> bool:
        """Say whether calls come one after another just now.

        A call that only waits for news, such as a lease of events, is no work: what
        counts is that calls end.
        """
        return time.monotonic() - self._left_at < _SOON

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Run the call and count it until it is over."""
        caller, self._next = self._next, ""
        with self._lock:
            self._inside[caller] += 1
            self._total += 1
        metrics.RPC_IN_FLIGHT.inc()
        try:
            future = super().submit(fn, *args, **kwargs)
        except RuntimeError:
            self._leave(caller)  # the pool is shut down
            raise
        future.add_done_callback(lambda _: self._leave(caller))
        return future

    def _leave(self, caller: str) -> None:
        metrics.RPC_IN_FLIGHT.dec()
        with self._lock:
            self._left_at = time.monotonic()
            self._total -= 1
            self._inside[caller] -= 1
            if not self._inside[caller]:
                del self._inside[caller]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all threads, those of the reserve too."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        self.reserve.shutdown(wait, cancel_futures=cancel_futures)


def _caller(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    for key, value in metadata:
        if key == "authorization":
            data = value if isinstance(value, bytes) else value.encode()
            return hashlib.blake2b(data, digest_size=8).hexdigest()
    return ""
