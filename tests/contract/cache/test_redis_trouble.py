"""Redis that is emptied, or full, costs time: it never holds the only copy (B07)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from sidecar.cache.memory import burst_of
from sidecar.cache.redis import RedisCache, RedisRateLimiter
from sidecar.cache.redis_doorbell import RedisDoorbell
from tests.servers import Server

DOOR = ("acme", "zendesk")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def admin(redis_server: Server, redis_url: str) -> Iterator[redis.Redis]:
    """An operator's connection to an empty Redis; whatever it sets is undone."""
    del redis_url
    with redis.Redis(host="127.0.0.1", port=redis_server.port) as client:
        yield client
        client.config_set("maxmemory", "0")


def hears(here: RedisDoorbell, there: RedisDoorbell) -> bool:
    """Say whether a ring in one process wakes who waits in another."""
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        seen = there.wait(*DOOR, 0, 0)
        here.ring(frozenset({DOOR}))
        if there.wait(*DOOR, seen, 0.2) != seen:
            return True
    return False


def test_a_redis_that_is_emptied_forgets_and_goes_on(
    admin: redis.Redis, redis_url: str
) -> None:
    """FLUSHALL: a value is made again, a limit begins anew, the bell still rings."""
    cache, limiter = RedisCache(redis_url), RedisRateLimiter(redis_url)
    here, there = RedisDoorbell(redis_url), RedisDoorbell(redis_url)
    assert hears(here, there)
    cache.put("w", "k", b"v", MINUTE)
    spent = sum(limiter.hit("k", 60) is None for _ in range(100))
    admin.flushall()
    assert cache.get("w", "k") is None
    cache.put("w", "k", b"again", MINUTE)
    assert cache.get("w", "k") == b"again"
    anew = sum(limiter.hit("k", 60) is None for _ in range(100))
    burst = burst_of(60)
    assert burst <= spent <= burst + 1
    assert burst <= anew <= burst + 1
    assert hears(here, there)
    for part in (cache, limiter, here, there):
        part.close()


def test_a_redis_that_is_full_keeps_limits_and_rings(
    admin: redis.Redis, redis_url: str
) -> None:
    """maxmemory: nothing is kept and nothing fails; limits are this process's own."""
    now = 1000.0
    cache = RedisCache(redis_url, lambda: now)
    limiter = RedisRateLimiter(redis_url, 1, lambda: now)
    here, there = RedisDoorbell(redis_url), RedisDoorbell(redis_url)
    assert hears(here, there)
    admin.config_set("maxmemory-policy", "noeviction")
    admin.config_set("maxmemory", "1")
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        admin.set("proof", "that it is full")
    cache.put("w", "k", b"v", MINUTE)
    assert cache.get("w", "k") is None
    passed = sum(limiter.hit("k", 60) is None for _ in range(100))
    assert passed == burst_of(60)
    assert hears(here, there)
    admin.config_set("maxmemory", "0")
    now += 3.0  # longer than nobody asks it after a failure
    cache.put("w", "k", b"v", MINUTE)
    assert cache.get("w", "k") == b"v"
    for part in (cache, limiter, here, there):
        part.close()
