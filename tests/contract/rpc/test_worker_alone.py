"""The connectors' worker after a death: what was left comes at once, one by one."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from connectors.events import Delivery
from connectors.worker import HANDS, Worker
from tests.contract.rpc.conftest import Running
from tests.contract.rpc.test_events import lease, publish
from tests.flow.connector_house import until


class Hands:
    """Counts how many deliveries are in work at the same time."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.most = 0
        self._busy = 0
        self._lock = threading.Lock()

    def handle(self, delivery: Delivery) -> Mapping[str, Any]:
        """Take long enough for others to begin meanwhile."""
        with self._lock:
            self._busy += 1
            self.most = max(self.most, self._busy)
        time.sleep(0.15)
        with self._lock:
            self._busy -= 1
            self.done.append(delivery.event_id)
        return {}


def test_what_a_dead_worker_left_is_worked_on_alone(running: Running) -> None:
    """The next worker of the name has each without waiting, and nothing beside it."""
    with running.client() as client:
        left = [publish(client, f"zendesk:left{n}").event_id for n in range(3)]
        assert len(lease(client, worker="dies")) == 3
        first, second = Hands(), Hands()
        worker = Worker(client, "zendesk", first.handle, name="dies")
        worker.start()
        # Sooner than their lease of 30 s.
        until(lambda: len(first.done) == 3, 20, "what was left")
        assert worker.stop(10)
        assert (first.done, first.most) == (left, 1)
        for number in range(2 * HANDS):
            publish(client, f"zendesk:new{number}")
        worker = Worker(client, "zendesk", second.handle, name="dies")
        worker.start()
        until(lambda: len(second.done) == 2 * HANDS, 20, "what is new")
        assert worker.stop(10)
        assert 1 < second.most <= HANDS
