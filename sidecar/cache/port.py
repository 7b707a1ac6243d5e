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
