"""The doorbell of one process."""

from __future__ import annotations

import threading
from collections import defaultdict


class MemoryDoorbell:
    """Counts rings a door; one condition for all, since few wait."""

    def __init__(self) -> None:
        self._rings: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._changed = threading.Condition()
        self._closed = False

    def ring(self, doors: frozenset[tuple[str, str]]) -> None:
        """Wake who waits at these doors."""
        with self._changed:
            for door in doors:
                self._rings[door] += 1
            self._changed.notify_all()

    def wait(self, workspace: str, subscriber: str, seen: int, seconds: float) -> int:
        """Wait until it rings, at most ``seconds``; return the count of rings."""
        door = (workspace, subscriber)
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._rings.get(door, 0) != seen, seconds
            )
            return self._rings.get(door, 0)

    def close(self) -> None:
        """Wake all who wait, for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Say whether it was closed."""
        return self._closed
