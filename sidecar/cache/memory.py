"""Cache and rate limits in this process's memory: the embedded default."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_BUCKETS = 10_000


class MemoryCache:
    """Keeps the values used last, up to ``max_bytes``."""

    def __init__(
        self,
        max_bytes: int = 16 * 1024 * 1024,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max = max_bytes
        self._now = monotonic
        self._size = 0
        self._values: OrderedDict[tuple[str, str], tuple[bytes, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, workspace: str, key: str) -> bytes | None:
        """Return the value, or None when absent or expired."""
        with self._lock:
            found = self._values.get((workspace, key))
            if found is None:
                return None
            if found[1] <= self._now():
                self._forget((workspace, key))
                return None
            self._values.move_to_end((workspace, key))
            return found[0]

    def put(self, workspace: str, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep a value, making room by forgetting those used longest ago."""
        if len(value) > self._max or ttl <= timedelta(0):
            return
        with self._lock:
            self._forget((workspace, key))
            self._values[workspace, key] = (value, self._now() + ttl.total_seconds())
            self._size += len(value)
            while self._size > self._max:
                self._forget(next(iter(self._values)))

    def drop(self, workspace: str, prefix: str) -> None:
        """Forget every key of the workspace that starts with ``prefix``."""
        with self._lock:
            for name in [*self._values]:
                if name[0] == workspace and name[1].startswith(prefix):
                    self._forget(name)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._size = 0

    def _forget(self, name: tuple[str, str]) -> None:
        found = self._values.pop(name, None)
        if found is not None:
            self._size -= len(found[0])


def burst_of(per_minute: int) -> int:
    """Return how many calls may come at once before the pace counts.

    Opening a ticket makes a handful of calls together, so a person may spend a
    whole minute's worth; a program gets five seconds' worth.
    """
    return min(per_minute, max(60, per_minute // 12))


class MemoryRateLimiter:
    """Counts calls by the generic cell rate algorithm (GCRA, ITU-T I.371).

    Of each bucket only the time is kept at which it will be empty again. A limit is
    divided by ``processes``, because they do not see each other's calls.
    """

    def __init__(
        self, processes: int = 1, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._processes = processes
        self._now = monotonic
        self._empty_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def hit(self, bucket: str, per_minute: int) -> timedelta | None:
        """Count one call; return None when allowed, else how long to wait."""
        share = max(1, per_minute // self._processes)
        step = 60.0 / share
        room = step * burst_of(share)
        with self._lock:
            now = self._now()
            filled = max(self._empty_at.get(bucket, now), now) + step
            if filled - now > room + 1e-9:
                return timedelta(seconds=filled - now - room)
            self._empty_at[bucket] = filled
            self._empty_at.move_to_end(bucket)
            if len(self._empty_at) > _MAX_BUCKETS:
                self._empty_at.popitem(last=False)
            return None
