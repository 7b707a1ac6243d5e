"""One connector in one workspace: its session, worker, polls and reports."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors import metrics
from connectors.clock import Clock
from connectors.connector import Connector, Session
from connectors.desk import Desk
from connectors.events import (
    Check,
    Credentials,
    Delivery,
    GiveUp,
    Health,
    Mode,
    TryAgain,
)
from connectors.gateway import Gateway, Unavailable, UnknownWorkspace, set_time
from connectors.settings import ConnectorsSettings
from connectors.worker import Worker
from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import connector_pb2

log = logging.getLogger(__name__)
TEST_REQUESTED = "connector.test_requested"
_REPORT_SECONDS = 15.0
_TICK_SECONDS = 0.5


class Lane:
    """Keeps a session in step with the settings, and works through it."""

    def __init__(
        self,
        connector: Connector,
        desk: Desk,
        gateway: Gateway,
        clock: Clock,
        settings: ConnectorsSettings,
    ) -> None:
        self._connector = connector
        self._desk = desk
        self._gateway = gateway
        self._clock = clock
        self._settings = settings
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._opened_for: Credentials | None = None
        self._stop = threading.Event()
        self._last_event: datetime | None = None
        self._trouble = ""
        self._worker = Worker(
            desk.client,
            connector.name,
            self.handle,
            types=self._types,
            lease_seconds=settings.lease_seconds,
            name=_worker_name(connector.name, settings.address),
        )
        self._thread = threading.Thread(
            target=self._tend, name=f"{connector.name}-tend"
        )

    def start(self) -> None:
        """Begin to work and to poll."""
        self._worker.start()
        self._thread.start()

    def use(self, client: SidecarClient) -> None:
        """Go on with the workspace's present key; what is in hand goes on, too."""
        if self._desk.client is not client:
            log.info("%s has a new key", self._connector.name)
            self._desk.client = client
            self._worker.use(client)

    def ask_to_stop(self) -> None:
        """Take nothing new."""
        self._stop.set()
        self._worker.ask_to_stop()

    def stop(self, seconds: float) -> bool:
        """Finish what is in hand; say whether it was in time."""
        self._stop.set()
        in_time = self._worker.stop(seconds)
        self._thread.join(max(seconds, 1))
        self._close()
        return in_time

    def handle(self, delivery: Delivery) -> Mapping[str, Any]:
        """Deal with one event: a connection test here, all else in the session."""
        asked = delivery.type == TEST_REQUESTED
        # Whoever tests has often changed a setting a moment ago.
        credentials = self._credentials(fresh=asked)
        if asked:
            return self._test(credentials)
        if credentials.mode is Mode.OFF:
            return {"ignored": "the connector is off"}
        self._last_event = self._clock.now()
        return self._open(credentials).handle(delivery)

    def _types(self) -> tuple[str, ...]:
        try:
            off = self._credentials().mode is Mode.OFF
        except TryAgain:
            off = True
        return (TEST_REQUESTED,) if off else ()

    def _credentials(self, *, fresh: bool = False) -> Credentials:
        workspace, name = self._desk.workspace, self._connector.name
        try:
            return self._gateway.credentials(workspace, name, fresh=fresh)
        except (Unavailable, UnknownWorkspace):
            raise TryAgain("SIDECAR_UNAVAILABLE", "The sidecar is away.") from None

    def _open(self, credentials: Credentials) -> Session:
        with self._lock:
            before = self._opened_for
            # Compared by content: a double of the sidecar may know no versions.
            if self._session is not None and before == credentials:
                return self._session
            self._close_now()
            self._session = self._connector.open(credentials, self._desk, self._clock)
            self._opened_for = credentials
            metrics.SESSIONS.labels(self._connector.name).inc()
            return self._session

    def _close(self) -> None:
        with self._lock:
            self._close_now()

    def _close_now(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
            metrics.SESSIONS.labels(self._connector.name).dec()

    def _test(self, credentials: Credentials) -> Mapping[str, Any]:
        missing = [
            setting.name
            for setting in self._connector.settings
            if setting.required and not credentials.get(setting.name)
        ]
        if missing:
            message = f"Fill in {', '.join(missing)}."
            return _checked([Check("settings", False, message)])
        try:
            checks = self._open(credentials).test()
        except (TryAgain, GiveUp) as failure:
            checks = [Check("settings", False, failure.message)]
        return _checked([Check("settings", True, "Everything is filled in."), *checks])

    def _tend(self) -> None:
        next_poll = time.monotonic()
        next_report = time.monotonic()
        while not self._stop.wait(_TICK_SECONDS):
            now = time.monotonic()
            if now >= next_poll:
                next_poll = now + self._settings.poll_seconds
                self._poll()
            if now >= next_report:
                next_report = now + _REPORT_SECONDS
                self._report()

    def _poll(self) -> None:
        name = self._connector.name
        try:
            credentials = self._credentials()
            if credentials.mode is Mode.OFF:
                return
            self._open(credentials).poll()
        except (TryAgain, GiveUp) as failure:
            self._trouble = failure.message
            log.info("%s poll: %s", name, failure.reason)
            metrics.POLLS.labels(name, failure.reason).inc()
        except Exception as error:  # noqa: BLE001 - the next poll tries again
            self._trouble = f"Unexpected {type(error).__name__} while catching up."
            log.error("%s poll failed: %s", name, type(error).__name__)
            metrics.POLLS.labels(name, "fault").inc()
        else:
            self._trouble = ""
            metrics.POLLS.labels(name, "ok").inc()

    def _report(self) -> None:
        try:
            credentials = self._credentials()
            status = self._status(credentials)
            request = connector_pb2.ReportConnectorStatusRequest(status=status)
            self._desk.client.connectors.ReportConnectorStatus(request, timeout=2)
        except (TryAgain, SidecarError):
            log.debug("no report: the sidecar is away")

    def _status(self, credentials: Credentials) -> connector_pb2.ConnectorStatus:
        status = connector_pb2.ConnectorStatus(connector=self._connector.name)
        session = self._session
        health = session.health if session is not None else Health()
        status.message = health.message or self._trouble
        status.credentials_valid = health.credentials_valid
        status.rate_limit_remaining = health.rate_limit_remaining
        if health.rate_limit_reset_at is not None:
            set_time(status.rate_limit_reset_at, health.rate_limit_reset_at)
        if self._last_event is not None:
            set_time(status.last_event_at, self._last_event)
        if credentials.mode is Mode.OFF:
            status.health = connector_pb2.CONNECTOR_HEALTH_OFF
        elif health.failing or not health.credentials_valid:
            status.health = connector_pb2.CONNECTOR_HEALTH_FAILING
        elif status.message:
            status.health = connector_pb2.CONNECTOR_HEALTH_DEGRADED
        else:
            status.health = connector_pb2.CONNECTOR_HEALTH_OK
        return status


def _worker_name(connector: str, address: str) -> str:
    """Return a name that no other live process has and the next one here takes over.

    Only one process can listen on an address of a machine. What a machine is called
    does not tell it from others: replicas have names that differ at the end alone,
    and copies of a machine have the same.
    """
    host = socket.gethostname()
    port_is_chosen = address.endswith(":0")
    place = f"{address}/{os.getpid()}" if port_is_chosen else address
    told = "\0".join((host, *_network(), place))
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    return f"{connector}@{host[:30]}-{digest}/{place}"[:100]


def _network() -> tuple[str, ...]:
    """Return what tells the kernel and its network apart; nothing where it is unknown.

    Within both, an address is one process's. ``boot_id`` is another after each start
    of the machine, the network of a container with each container.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return boot, str(Path("/proc/self/ns/net").readlink())
    except OSError:
        return ()


def _checked(checks: list[Check]) -> Mapping[str, Any]:
    return {
        "ok": all(check.ok for check in checks),
        "checks": [
            {"name": check.name, "ok": check.ok, "message": check.message}
            for check in checks
        ],
    }
