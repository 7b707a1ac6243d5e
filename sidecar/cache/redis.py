"""Cache and rate limits in Redis, shared by all processes.

Redis never holds the only copy of anything: when it does not answer, the cache is
empty and limits are counted in this process for a while.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sidecar.cache.memory import MemoryRateLimiter, burst_of

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)
_TIMEOUT = 0.2
# After a failure nobody waits for Redis again until this many seconds have passed.
_PAUSE = 2.0

# GCRA with Redis's own clock: KEYS[1] the bucket, ARGV step and room in microseconds.
_HIT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local step, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local filled = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + step
if filled - now > room then return math.ceil(filled - now - room) end
redis.call('SET', KEYS[1], string.format('%.0f', filled),
           'PX', math.ceil((filled - now) / 1000) + 1)
return 0
"""


class _Line:
    """The connection, and whether it is worth trying at the moment."""

    def __init__(self, url: str, monotonic: Callable[[], float]) -> None:
        # Left to itself redis-py repeats for seconds; a cache must answer at once.
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._now = monotonic
        self._silent_until = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._now() >= self._silent_until

    def failed(self, error: redis.RedisError) -> None:
        with self._lock:
            first = self.is_open
            self._silent_until = self._now() + _PAUSE
        if first:
            _LOG.warning(
                "redis.unavailable", extra={"fields": {"error": type(error).__name__}}
            )


class RedisCache:
    """Values in Redis under ``deskside:cache:<workspace>:<key>``."""

    def __init__(
        self, url: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._line = _Line(url, monotonic)

    def get(self, workspace: str, key: str) -> bytes | None:
        """Return the value, or None when absent, expired or Redis does not answer."""
        if not self._line.is_open:
            return None
        try:
            value = self._line.client.get(_name(workspace, key))
        except redis.RedisError as error:
            self._line.failed(error)
            return None
        return value if isinstance(value, bytes) else None

    def put(self, workspace: str, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep a value if Redis answers."""
        milliseconds = int(ttl / timedelta(milliseconds=1))
        if milliseconds <= 0 or not self._line.is_open:
            return
        try:
            self._line.client.set(_name(workspace, key), value, px=milliseconds)
        except redis.RedisError as error:
            self._line.failed(error)

    def drop(self, workspace: str, prefix: str) -> None:
        """Forget every key of the workspace that starts with ``prefix``."""
        if not self._line.is_open:
            return
        try:
            found = self._line.client.scan_iter(
                match=_escape(_name(workspace, prefix)) + "*", count=500
            )
            for name in found:
                self._line.client.unlink(name)
        except redis.RedisError as error:
            self._line.failed(error)

    def close(self) -> None:
        """Close the connections."""
        self._line.client.close()


class RedisRateLimiter:
    """The whole limit counted in Redis; without it, this process's part of it."""

    def __init__(
        self,
        url: str,
        processes: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = _Line(url, monotonic)
        self._script = self._line.client.register_script(_HIT)
        self._own = MemoryRateLimiter(processes, monotonic)

    def hit(self, bucket: str, per_minute: int) -> timedelta | None:
        """Count one call; return None when allowed, else how long to wait."""
        if not self._line.is_open:
            return self._own.hit(bucket, per_minute)
        step = 60_000_000 // max(1, per_minute)
        room = step * burst_of(per_minute)
        try:
            wait = self._script(keys=[f"deskside:rate:{bucket}"], args=[step, room])
        except redis.RedisError as error:
            self._line.failed(error)
            return self._own.hit(bucket, per_minute)
        return timedelta(microseconds=int(str(wait))) if wait else None

    def close(self) -> None:
        """Close the connections."""
        self._line.client.close()


def _name(workspace: str, key: str) -> str:
    return f"deskside:cache:{workspace}:{key}"


def _escape(pattern: str) -> str:
    return "".join(f"\\{c}" if c in "*?[]\\^-" else c for c in pattern)
