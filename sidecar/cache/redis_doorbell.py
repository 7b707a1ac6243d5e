"""The doorbell of many processes: a ring travels by Redis, a wait is this process's.

Redis only rings: when it is gone, those who wait look for themselves, as they do
without it, and a thread tries again until it is back.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sidecar.cache.doorbell import MemoryDoorbell

if TYPE_CHECKING:
    from redis.client import PubSub

_LOG = logging.getLogger(__name__)
_CHANNEL = "deskside:doorbell"
_TIMEOUT = 0.2
_AGAIN_SECONDS = 1.0
_LISTEN_SECONDS = 0.5


class RedisDoorbell(MemoryDoorbell):
    """Rings here at once, and in every other process by PUBLISH."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._own = uuid.uuid4().hex
        self._client = self._connect(url, _TIMEOUT)
        self._ears = self._connect(url, _LISTEN_SECONDS * 4)
        self._stopping = threading.Event()
        self._waiting: set[tuple[str, str]] = set()
        self._new = threading.Event()
        for work in (self._listen, self._tell):
            threading.Thread(target=work, name="doorbell", daemon=True).start()

    @staticmethod
    def _connect(url: str, timeout: float) -> redis.Redis:
        return redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )

    def ring(self, doors: frozenset[tuple[str, str]]) -> None:
        """Wake who waits at these doors, here and elsewhere; never waits itself."""
        super().ring(doors)
        with self._changed:
            self._waiting |= doors
        self._new.set()

    def close(self) -> None:
        """Wake all who wait, for good, and let go of Redis."""
        super().close()
        self._stopping.set()
        self._new.set()

    def _tell(self) -> None:
        """Send what was rung, many rings in one message: a commit never waits."""
        while not self._stopping.is_set():
            self._new.wait()
            self._new.clear()
            with self._changed:
                doors, self._waiting = self._waiting, set()
            if not doors:
                continue
            try:
                self._client.publish(_CHANNEL, json.dumps([self._own, *doors]))
            except redis.RedisError:
                # Others look for themselves within a second.
                self._stopping.wait(_AGAIN_SECONDS)
        self._client.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            ears = self._ears.pubsub(  # type: ignore[no-untyped-call]  # redis-py has no type here
                ignore_subscribe_messages=True
            )
            try:
                ears.subscribe(_CHANNEL)
                self._hear(ears)
            except redis.RedisError as error:
                _LOG.info("the doorbell is silent: %s", type(error).__name__)
                self._stopping.wait(_AGAIN_SECONDS)
            finally:
                ears.close()
        self._ears.close()

    def _hear(self, ears: PubSub) -> None:
        while not self._stopping.is_set():
            message = ears.get_message(timeout=_LISTEN_SECONDS)
            if message is not None:
                super().ring(frozenset(self._read(message["data"])))

    def _read(self, data: Any) -> Iterable[tuple[str, str]]:
        try:
            sender, *doors = json.loads(data)
        except (ValueError, TypeError):
            return []
        if sender == self._own:
            return []
        return [
            (str(door[0]), str(door[1]))
            for door in doors
            if isinstance(door, list) and len(door) == 2
        ]
