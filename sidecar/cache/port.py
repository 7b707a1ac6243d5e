"""The cache port: values that may vanish at any time, and counters for rate limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol


class Cache(Protocol):
    """A place for values that can be made again; every key belongs to a workspace."""

    def get(self, workspace: str, key: str) -> bytes | None:
        """Return the value; None when absent, expired or out of reach."""

    def put(self, workspace: str, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep a value; failing to keep it is not an error."""

    def drop(self, workspace: str, prefix: str) -> None:
        """Forget every key that starts with ``prefix``."""

    def close(self) -> None:
        """Release connections."""


class RateLimiter(Protocol):
    """Counts calls per bucket."""

    def hit(self, bucket: str, per_minute: int) -> timedelta | None:
        """Count one call; return None when allowed, else how long to wait."""


class Doorbell(Protocol):
    """Wakes who waits for deliveries; it may be silent, so nobody relies on it."""

    def ring(self, doors: frozenset[tuple[str, str]]) -> None:
        """Wake who waits at these (workspace, subscriber), in every process."""

    def wait(self, workspace: str, subscriber: str, seen: int, seconds: float) -> int:
        """Wait until it rings, at most ``seconds``; return the count of rings.

        ``seen`` is the count returned before, so that no ring in between is missed;
        with 0 seconds the count comes at once.
        """

    def close(self) -> None:
        """Wake all who wait, for good: from now on nobody waits."""

    @property
    def is_closed(self) -> bool:
        """Say whether it was closed."""
