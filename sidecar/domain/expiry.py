"""What a lease that ran out says about its event: nothing, or that it is poison.

A worker that dies takes up to a handful of deliveries with it, and at most one of
them is to blame. So only an expiry that points at the event counts as an attempt:
the worker had nothing else in hand, and workers do not die of other things lately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sidecar.domain.event import MAX_ATTEMPTS

MAX_EXPIRIES = 20
"""So many in a row are enough, whatever else goes on: nothing is tried for ever."""

STORMY_FOR = timedelta(minutes=15)
"""So long an event that ran out alone, and then went through, excuses the others."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What is left to an event: ``attempts`` that count, and whether it is dead."""

    attempts: int
    expiries: int
    dead: bool


def after_expiry(attempts: int, expiries: int, *, alone: bool, stormy: bool) -> Expired:
    """Return what becomes of a delivery whose lease ran out.

    ``attempts`` includes the one that ended so, ``expiries`` are those in a row before
    it. ``alone`` says that its worker had nothing else in hand; ``stormy`` that an
    event which died with its worker in the same way was later done all the same.
    """
    expiries += 1
    if alone and not stormy:
        dead = attempts >= MAX_ATTEMPTS or expiries >= MAX_EXPIRIES
        return Expired(attempts, expiries, dead)
    return Expired(max(attempts - 1, 0), expiries, expiries >= MAX_EXPIRIES)
