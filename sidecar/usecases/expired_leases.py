"""Find leases that ran out, whatever happens to the clock, and arm them again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sidecar.domain.event import DeliveryState
from sidecar.store.port import LeaseSeen
from sidecar.usecases.deliveries import take_back
from sidecar.usecases.ports import Ports

_Name = tuple[str, str, str, datetime]


class ExpiryWatch:
    """Remembers since when it sees each lease, by a clock that nobody can set.

    The first look of a process believes the end that was written down; from then on
    a lease it has not seen before has just begun.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends: dict[_Name, float] = {}
        self._looked = False

    def expired(self, leases: Sequence[LeaseSeen], now: datetime) -> list[LeaseSeen]:
        """Return those of the leases that are out which should be back by now."""
        moment = self._monotonic()
        ends = {}
        for lease in leases:
            name = (lease.workspace, lease.delivery, lease.token, lease.until)
            left = lease.lease
            if not self._looked:
                left = min(max(lease.until - now, timedelta(0)), lease.lease)
            ends[name] = self._ends.get(name, moment + left.total_seconds())
        self._ends, self._looked = ends, True
        return [
            lease
            for lease, end in zip(leases, ends.values(), strict=True)
            if end <= moment
        ]


def sweep(ports: Ports, watch: ExpiryWatch) -> list[DeliveryState]:
    """Take expired leases back, each once however many processes look.

    Returns the state of each that was taken: PENDING, or DEAD when it used up its
    attempts.
    """
    with ports.store.reading() as tx:
        leases = tx.deliveries.leased()
    expired = watch.expired(leases, ports.clock.now())
    return take_back(ports, expired) if expired else []
