"""Until when a vendor takes no call, as the answers of one session told."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from datetime import datetime, timedelta

from connectors.clock import Clock

_ROUNDED = 0.001


class Limits:
    """Remembers what a vendor asked to wait for, by what the limit is about.

    Each waiting event would otherwise find out by a request of its own, and vendors
    count those as well.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[Hashable, tuple[datetime, float]] = {}

    def reached(self, about: Hashable, seconds: float) -> None:
        """Note that nothing about this may be asked for so many seconds."""
        now = self._clock.now()
        with self._lock:
            seconds = max(seconds, self._left(about, now))
            self._until = {k: v for k, v in self._until.items() if self._left(k, now)}
            self._until[about] = now + timedelta(seconds=seconds), seconds

    def left(self, *about: Hashable) -> float:
        """Return the seconds to wait before a call that all of these are about."""
        now = self._clock.now()
        with self._lock:
            return max(self._left(one, now) for one in about)

    def _left(self, about: Hashable, now: datetime) -> float:
        until, asked = self._until.get(about, (now, 0.0))
        left = (until - now).total_seconds()
        # More than was asked for: the clock has been put back, and nobody knows.
        return left if 0 < left <= asked + _ROUNDED else 0.0
