"""The doorbell wakes who waits, in every process, and may fall silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sidecar.cache.doorbell import MemoryDoorbell
from sidecar.cache.port import Doorbell
from sidecar.cache.redis_doorbell import RedisDoorbell
from tests.servers import Server

DOOR = ("acme", "zendesk")
RING = frozenset({DOOR})


@pytest.fixture(params=["memory", "redis"])
def doorbell(request: pytest.FixtureRequest) -> Iterator[Doorbell]:
    """Each kind of doorbell."""
    bell: Doorbell = MemoryDoorbell()
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")
        bell = RedisDoorbell(f"redis://127.0.0.1:{server.port}/0")
    yield bell
    bell.close()


def waited(bell: Doorbell, seconds: float, door: tuple[str, str] = DOOR) -> float:
    """Return how long a wait for a new ring takes."""
    seen = bell.wait(*door, 0, 0)
    began = time.monotonic()
    bell.wait(*door, seen, seconds)
    return time.monotonic() - began


def test_a_ring_wakes_its_door_only(doorbell: Doorbell) -> None:
    """Other workspaces and subscribers sleep on; a ring in between is not missed."""
    threading.Timer(0.1, doorbell.ring, [RING]).start()
    assert waited(doorbell, 5) < 2
    threading.Timer(0.05, doorbell.ring, [RING]).start()
    assert waited(doorbell, 0.4, ("other", "zendesk")) >= 0.4
    seen = doorbell.wait(*DOOR, 0, 0)
    doorbell.ring(RING)
    assert doorbell.wait(*DOOR, seen, 5) == seen + 1


def test_closing_wakes_everybody_for_good(doorbell: Doorbell) -> None:
    """A process that stops sends away who waits."""
    threading.Timer(0.1, doorbell.close).start()
    assert waited(doorbell, 5) < 2
    assert waited(doorbell, 5) < 0.5
    assert doorbell.is_closed


def test_redis_rings_in_other_processes_and_comes_back(redis_server: Server) -> None:
    """B07: killed, it only rings no more; once it is back, it rings again."""
    url = f"redis://127.0.0.1:{redis_server.port}/0"
    here, there = RedisDoorbell(url), RedisDoorbell(url)

    def hears(seconds: float) -> bool:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            seen = there.wait(*DOOR, 0, 0)
            here.ring(RING)
            if there.wait(*DOOR, seen, 0.2) != seen:
                return True
        return False

    assert hears(5)
    redis_server.kill()
    began = time.monotonic()
    here.ring(RING)
    assert time.monotonic() - began < 5
    assert not hears(0.5)
    redis_server.start()
    assert hears(10)
    here.close()
    there.close()
