"""A circuit breaker: a provider in trouble is left alone for a while.

Closed, every call passes; ``failures`` in a row open it. Open, no call passes for
``rest`` seconds. Then one call is the probe: when it succeeds the breaker closes, when
it fails it opens again. A probe that nobody reports on is given up after ``rest``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum


class State(Enum):
    """Where the breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Breaker:
    """One provider's breaker; safe for threads. Times are monotonic seconds."""

    def __init__(
        self,
        failures: int = 5,
        rest: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._rest = rest
        self._now = monotonic
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._state = State.CLOSED
        self._since = 0.0
        self._turn = 0

    @property
    def state(self) -> State:
        """Return where it stands."""
        return self._state

    def enter(self) -> int | None:
        """Return a ticket to report with, or None when no call may pass."""
        with self._lock:
            if self._state is not State.CLOSED:
                if self._now() - self._since < self._rest:
                    return None
                self._move(State.PROBING)
            return self._turn

    def succeeded(self, ticket: int) -> None:
        """Report that the provider answered."""
        with self._lock:
            if ticket == self._turn:
                self._in_a_row = 0
                if self._state is State.PROBING:
                    self._move(State.CLOSED)

    def failed(self, ticket: int) -> None:
        """Report that the provider is in trouble."""
        with self._lock:
            if ticket != self._turn:
                return  # of an earlier time: it says nothing about now
            self._in_a_row += 1
            if self._state is State.PROBING or self._in_a_row >= self._most:
                self._move(State.OPEN)

    def gave_up(self, ticket: int) -> None:
        """Report a call that says nothing about the provider, such as one cancelled."""
        with self._lock:
            if ticket == self._turn and self._state is State.PROBING:
                # Let the next call be the probe at once.
                self._move(State.OPEN)
                self._since = self._now() - self._rest

    def _move(self, state: State) -> None:
        self._state = state
        self._since = self._now()
        self._in_a_row = 0
        self._turn += 1
