"""The road's keeper: one thread in every process that takes back expired leases.

What it does is safe to do in every process at once, and nothing it does is slow:
indexing and jobs have a thread of their own in ``background``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sidecar import metrics
from sidecar.domain.event_routing import CONNECTORS
from sidecar.errors import DesksideError
from sidecar.usecases.connector_watch import watch_connectors
from sidecar.usecases.expired_leases import ExpiryWatch, sweep
from sidecar.usecases.ports import Ports
from sidecar.usecases.unattended import climb_alerts, escalate_unattended

log = logging.getLogger(__name__)

SWEEP_SECONDS = 0.4
WATCH_EVERY = 25
"""Sweeps between two looks at what is slower than a lease."""


@dataclass(slots=True)
class Keeper:
    """One thread; ``stop`` ends it within a sweep."""

    ports: Ports
    _stopping: threading.Event = field(default_factory=threading.Event)
    _watch: ExpiryWatch = field(default_factory=ExpiryWatch)
    _thread: threading.Thread | None = None

    @classmethod
    def start(cls, ports: Ports) -> Keeper:
        """Start the thread."""
        keeper = cls(ports)
        keeper._thread = threading.Thread(
            target=keeper._run, name="road-keeper", daemon=True
        )
        keeper._thread.start()
        return keeper

    def stop(self, timeout: float = 5.0) -> None:
        """Ask the thread to end and wait for it."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.wait(SWEEP_SECONDS):
            self._attempt(self._sweep)
            if rounds % WATCH_EVERY == 0:
                self._attempt(self._measure)
                self._attempt(self._watch_over)
            rounds += 1

    def _attempt(self, task: Callable[[], None]) -> None:
        try:
            task()
        except DesksideError as error:
            log.warning("the road's keeper waits: %s", error.reason.value)
        except Exception:  # one bad row must not end the sweeping
            log.exception("the road's keeper failed")

    def _sweep(self) -> None:
        taken = sweep(self.ports, self._watch)
        metrics.EVENT_LEASES_EXPIRED.inc(len(taken))

    def _watch_over(self) -> None:
        watch_connectors(self.ports)
        with self.ports.store.reading() as tx:
            workspaces = tx.access.workspaces()
        for workspace in workspaces:
            climb_alerts(self.ports, workspace)
            escalate_unattended(self.ports, workspace)

    def _measure(self) -> None:
        now = self.ports.clock.now()
        with self.ports.store.reading() as tx:
            for name in CONNECTORS:
                logs = [
                    tx.deliveries.backlog(workspace, name, now - timedelta(hours=1))
                    for workspace in tx.access.workspaces()
                ]
                oldest = min((b.oldest for b in logs if b.oldest), default=now)
                metrics.EVENTS_WAITING.labels(name).set(sum(b.pending for b in logs))
                metrics.EVENTS_DEAD.labels(name).set(sum(b.dead for b in logs))
                metrics.EVENTS_OLDEST_SECONDS.labels(name).set(
                    max((now - oldest).total_seconds(), 0)
                )
