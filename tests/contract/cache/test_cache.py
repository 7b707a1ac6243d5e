"""One suite for every cache and rate limiter; Redis joins as a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from sidecar.cache.memory import MemoryCache, MemoryRateLimiter, burst_of
from sidecar.cache.port import Cache, RateLimiter
from sidecar.cache.redis import RedisCache, RedisRateLimiter

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "redis"])
def make_cache(request: pytest.FixtureRequest) -> Callable[[], Cache]:
    """Build a cache of each kind."""
    if request.param == "memory":
        return MemoryCache
    url = request.getfixturevalue("redis_url")
    return lambda: RedisCache(url)


@pytest.fixture(params=["memory", "redis"])
def limiter(request: pytest.FixtureRequest) -> RateLimiter:
    """Build a rate limiter of each kind."""
    if request.param == "memory":
        return MemoryRateLimiter()
    return RedisRateLimiter(request.getfixturevalue("redis_url"))


def test_a_value_is_found_until_its_time_is_over(
    make_cache: Callable[[], Cache],
) -> None:
    """Put, get, expire."""
    cache = make_cache()
    assert cache.get("w", "k") is None
    cache.put("w", "k", b"v", timedelta(milliseconds=150))
    assert cache.get("w", "k") == b"v"
    time.sleep(0.2)
    assert cache.get("w", "k") is None
    cache.put("w", "gone", b"v", timedelta(0))
    assert cache.get("w", "gone") is None
    cache.close()


def test_workspaces_do_not_see_each_other(make_cache: Callable[[], Cache]) -> None:
    """The same key in another workspace is another value."""
    cache = make_cache()
    cache.put("a", "same", b"1", MINUTE)
    cache.put("b", "same", b"2", MINUTE)
    assert (cache.get("a", "same"), cache.get("b", "same")) == (b"1", b"2")
    cache.drop("a", "")
    assert (cache.get("a", "same"), cache.get("b", "same")) == (None, b"2")
    cache.close()


def test_a_prefix_is_taken_literally(make_cache: Callable[[], Cache]) -> None:
    """Characters that mean something in a pattern mean nothing here."""
    cache = make_cache()
    for key in ("a*1", "ab1", "a[b]1", "c"):
        cache.put("p", key, b"v", MINUTE)
    cache.drop("p", "a*")
    assert cache.get("p", "a*1") is None
    assert cache.get("p", "ab1") == b"v"
    cache.drop("p", "a[b]")
    assert cache.get("p", "a[b]1") is None
    assert cache.get("p", "c") == b"v"
    cache.close()


def test_memory_keeps_within_its_bound() -> None:
    """What was not used for longest goes first."""
    cache = MemoryCache(max_bytes=10)
    cache.put("w", "a", b"12345", MINUTE)
    cache.put("w", "b", b"12345", MINUTE)
    cache.get("w", "a")
    cache.put("w", "c", b"12345", MINUTE)
    assert cache.get("w", "b") is None
    assert cache.get("w", "a") == cache.get("w", "c") == b"12345"
    cache.put("w", "huge", b"x" * 11, MINUTE)
    assert cache.get("w", "huge") is None


def test_a_burst_is_allowed_and_then_a_pace(limiter: RateLimiter) -> None:
    """The wait that is told is the wait that is needed."""
    bucket = f"pace-{time.monotonic_ns()}"
    per_minute = 1200
    burst = burst_of(per_minute)
    passed = sum(limiter.hit(bucket, per_minute) is None for _ in range(burst))
    assert passed == burst
    waits = [limiter.hit(bucket, per_minute) for _ in range(20)]
    refused = [wait for wait in waits if wait is not None]
    assert refused
    assert all(timedelta(0) < wait <= timedelta(seconds=0.06) for wait in refused)
    time.sleep(refused[-1].total_seconds() + 0.01)
    assert limiter.hit(bucket, per_minute) is None


def test_buckets_are_separate(limiter: RateLimiter) -> None:
    """One caller's haste is not another's."""
    one, other = (f"bucket-{n}-{time.monotonic_ns()}" for n in range(2))
    while limiter.hit(one, 60) is None:
        pass
    assert limiter.hit(other, 60) is None


def test_without_redis_a_limit_is_divided_by_the_processes() -> None:
    """Three processes that do not see each other together let the limit through."""
    now = 0.0
    limiters = [MemoryRateLimiter(3, lambda: now) for _ in range(3)]
    passed = sum(
        limiter.hit("k", 60) is None for limiter in limiters for _ in range(100)
    )
    assert passed == 60


def test_a_silent_redis_costs_one_short_wait_and_limits_go_on() -> None:
    """Redis down is slower once, never unlimited and never an error."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        limiter, cache = RedisRateLimiter(url), RedisCache(url)
        began = time.monotonic()
        passed = sum(limiter.hit("k", 60) is None for _ in range(100))
        cache.put("w", "k", b"v", MINUTE)
        assert cache.get("w", "k") is None
        assert time.monotonic() - began < 3
    assert 60 <= passed <= 61
    limiter.close()
    cache.close()


def test_redis_that_comes_back_is_used_again(redis_url: str) -> None:
    """After the pause the shared count holds again."""
    now = 1000.0
    bucket = f"back-{time.monotonic_ns()}"
    limiter = RedisRateLimiter(redis_url, 1, lambda: now)
    limiter._line._silent_until = now + 2.0
    assert limiter.hit(bucket, 60) is None
    now = 1003.0
    passed = sum(limiter.hit(bucket, 60) is None for _ in range(100))
    assert 60 <= passed <= 61
    limiter.close()
