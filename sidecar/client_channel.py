"""One channel made of several connections, whose calls take turns.

The sidecar is several processes on one port, and the kernel gives each connection to
one of them for good. A program with a single connection would keep one process busy
while the others rest, and wait for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Self

import grpc

CONNECTIONS = 4
"""Of 16 such programs on two processes, two would have all of theirs to one."""

# Otherwise channels to one address share a connection.
_OPTIONS = (("grpc.use_local_subchannel_pool", 1),)


class SpreadChannel(grpc.Channel):
    """Hands each call to the next of its channels; each connects when first used.

    ``open_channel`` makes one with further options, ``CONNECTIONS`` times by default.
    """

    def __init__(
        self,
        open_channel: Callable[[tuple[tuple[str, int | str], ...]], grpc.Channel],
        connections: int = 0,
    ) -> None:
        count = connections or CONNECTIONS
        self._channels = [open_channel(_OPTIONS) for _ in range(count)]
        self._turn = itertools.cycle(self._channels)

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Return a callable of the next channel; so do the other three."""
        return next(self._turn).unary_unary(*args, **kwargs)

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Return a callable of the next channel."""
        return next(self._turn).unary_stream(*args, **kwargs)

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Return a callable of the next channel."""
        return next(self._turn).stream_unary(*args, **kwargs)

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Return a callable of the next channel."""
        return next(self._turn).stream_stream(*args, **kwargs)

    def subscribe(
        self,
        callback: Callable[[grpc.ChannelConnectivity], None],
        try_to_connect: bool = False,
    ) -> None:
        """Tell of the first connection's state; all lead to one place."""
        self._channels[0].subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Tell no more."""
        self._channels[0].unsubscribe(callback)

    def close(self) -> None:
        """Close all; calls under way fail."""
        for channel in self._channels:
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
