"""The channel to the sidecar, and how long whoever asks may wait for an answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import grpc

from connectors.settings import ConnectorsSettings
from sidecar.client import SidecarClient, SidecarError

# A sender is answered within a second, whatever the sidecar does; the rest is for
# reading, verifying and answering.
REQUEST_SECONDS = 0.75
_DOWN_SECONDS = 0.5
# A call that had less time than this proves nothing when it gets no answer.
_FAIR_SECONDS = 0.3
_LEAST_SECONDS = 0.005
_Answer = TypeVar("_Answer")


class Unavailable(Exception):
    """The sidecar cannot be asked now; the sender shall come again."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment until which everything that a request asks for must be answered.

    ``at`` is in seconds of the monotonic clock.
    """

    at: float

    @classmethod
    def after(cls, seconds: float = REQUEST_SECONDS) -> Deadline:
        """Return the deadline of what begins now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left; negative when it is over."""
        return self.at - time.monotonic()


class Link:
    """One channel, opened when it is first needed; every key has a view of it."""

    def __init__(self, settings: ConnectorsSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._base: SidecarClient | None = None
        self._down_until = 0.0

    def view(self, key: str) -> SidecarClient:
        """Return the sidecar as the owner of a key may use it."""
        return self._open().with_bearer(key)

    def ask(self, call: Callable[[float], _Answer], deadline: Deadline) -> _Answer:
        """Make a call, which is told how many seconds it may take.

        Raises ``Unavailable`` when the sidecar does not answer in time, or did not a
        moment ago, and ``SidecarError`` when it answers that it will not.
        """
        seconds = deadline.left
        # A sidecar that is away must not hold every thread for its whole deadline.
        if seconds < _LEAST_SECONDS or time.monotonic() < self._down_until:
            raise Unavailable
        try:
            return call(seconds)
        except SidecarError as error:
            if not error.is_unreachable:
                raise
            if error.code is grpc.StatusCode.UNAVAILABLE or seconds >= _FAIR_SECONDS:
                self._down_until = time.monotonic() + _DOWN_SECONDS
            raise Unavailable(error.code.name) from None

    def is_listening(self) -> bool:
        """Say at once whether anything listens where the sidecar should be."""
        address = self._settings.sidecar_address
        if address.startswith("unix:"):
            return True
        host, _, port = address.rpartition(":")
        try:
            found = socket.create_connection((host.strip("[]"), int(port)), 0.2)
        except OSError:
            return False
        found.close()
        return True

    def is_serving(self, seconds: float) -> bool:
        """Say whether the sidecar answers within so many seconds."""
        return self._open().wait_until_serving(seconds)

    def close(self) -> None:
        """Close the channel; calls under way fail."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def _open(self) -> SidecarClient:
        with self._lock:
            if self._base is None:
                settings = self._settings
                # Every call is made through a view with a workspace's own key; the
                # first client only owns the channel.
                self._base = SidecarClient.from_environment(
                    {
                        **settings.environ,
                        "DESKSIDE_SIDECAR_ADDRESS": settings.sidecar_address,
                        "DESKSIDE_API_KEY": "connectors",
                    }
                )
            return self._base
