"""A real sidecar, the connectors process in threads here, and a double of Zendesk.

The connectors' clock and the double's can be moved together, which no real process
allows; tests that kill the connectors start them as a process of their own.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc

from connectors.connector import load
from connectors.process import ConnectorsProcess
from connectors.settings import ConnectorsSettings
from plugin_ui.doubles.zendesk import Webhook, ZendeskDouble
from plugin_ui.doubles.zendesk.hooks import SECRET
from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import connector_pb2, event_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.flow.sidecar_process import SidecarProcess
from tests.servers import free_port

SIDECAR = {"DESKSIDE_ALLOW_TEST_HOSTS": "1", "DESKSIDE_EMBEDDER": "none"}


def until(true: Callable[[], Any], seconds: float = 20.0, what: str = "") -> Any:
    """Wait until a condition holds and return its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what or true}")


@dataclass(slots=True)
class MovedClock:
    """The machine's clock, moved by ``by``."""

    by: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return the moved time."""
        return datetime.now(UTC) + self.by


@dataclass(slots=True)
class ConnectorHouse:
    """Everything that a ticket passes through; ``names`` are the connectors."""

    sidecar: SidecarProcess
    names: tuple[str, ...] = ("zendesk",)
    clock: MovedClock = field(default_factory=MovedClock)
    poll_seconds: float = 0.5
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    zendesk: ZendeskDouble = field(init=False)
    running: ConnectorsProcess | None = None
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.zendesk = ZendeskDouble(self.clock.now)

    @property
    def environment(self) -> dict[str, str]:
        """What the connectors process reads."""
        return {
            "DESKSIDE_CONNECTORS_ADDRESS": self.address,
            "DESKSIDE_SIDECAR_ADDRESS": self.sidecar.address,
            "DESKSIDE_DATA_DIR": str(self.sidecar.data_dir),
            "DESKSIDE_POLL_SECONDS": str(self.poll_seconds),
            "DESKSIDE_LEASE_SECONDS": "5",
            "DESKSIDE_ALLOW_TEST_HOSTS": "1",
        }

    def switch(self, mode: str, **more: str) -> None:
        """Change settings, and wait until the connectors here have noticed."""
        etag = self.set_up(mode, **more)
        assert self.running is not None
        gateway = self.running.gateway

        def noticed() -> bool:
            return gateway.credentials("default", "zendesk", fresh=True).etag == etag

        until(noticed, 5, f"mode {mode}")

    def set_up(self, mode: str = "suggest", **more: str) -> str:
        """Let an administrator turn Zendesk on; return the settings' version."""
        settings = {**self.zendesk.settings, "webhook_secret": SECRET, **more}
        request = connector_pb2.SaveConnectorRequest(
            connector="zendesk",
            mode=connector_pb2.ConnectorMode.Value(f"CONNECTOR_MODE_{mode.upper()}"),
            settings=settings,
        )
        with self.client() as client:
            return client.connectors.SaveConnector(request).connector.etag

    def hook(self, *, trigger: bool = False) -> Webhook:
        """Add a webhook at the double that leads here."""
        webhook = Webhook(
            f"http://{self.address}/hooks/default/zendesk",
            trigger=trigger,
            now=self.clock.now,
            wait_scale=0.1,
        )
        return self.zendesk.add_webhook(webhook)

    def start(self) -> None:
        """Start receiver and workers in threads of this process."""
        os.environ["DESKSIDE_ALLOW_TEST_HOSTS"] = "1"
        settings = ConnectorsSettings.from_environment(self.environment)
        self.running = ConnectorsProcess(settings, load(self.names), self.clock)
        self.running.start()

    def stop(self) -> bool:
        """Stop them; say whether they finished in time."""
        assert self.running is not None
        running, self.running = self.running, None
        return running.stop()

    def start_process(self) -> None:
        """Start receiver and workers as a process of their own."""
        with (self.sidecar.data_dir.parent / "connectors.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "connectors", "--only", ",".join(self.names)],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end_process(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process by a signal and return its status."""
        assert self.process is not None
        process, self.process = self.process, None
        process.send_signal(how)
        return process.wait(20)

    def close(self) -> None:
        """Stop whatever runs."""
        if self.running is not None:
            self.stop()
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.zendesk.close()

    def client(self) -> SidecarClient:
        """Return an administrator's client."""
        return self.sidecar.client()

    def panel(self, number: int) -> tickets_pb2.GetTicketPanelResponse:
        """Return what is stored about a ticket; raises ``SidecarError``."""
        key = tickets_pb2.ExternalTicketKey(
            connector="zendesk", external_id=str(number)
        )
        with self.client() as client:
            request = tickets_pb2.GetTicketPanelRequest(external=key)
            return client.tickets.GetTicketPanel(request)

    def panel_or_none(self, number: int) -> tickets_pb2.GetTicketPanelResponse | None:
        """Return what is stored about a ticket, None when it is not here."""
        try:
            return self.panel(number)
        except SidecarError as error:
            if error.code is not grpc.StatusCode.NOT_FOUND:
                raise
            return None

    def dead(self) -> list[event_pb2.DeadLetter]:
        """Return the dead letters."""
        with self.client() as client:
            request = event_pb2.ListDeadLettersRequest()
            return list(client.events.ListDeadLetters(request).dead_letters)

    def waiting(self) -> int:
        """Return how many deliveries of Zendesk's wait."""
        with self.client() as client:
            request = connector_pb2.GetConnectorStatusRequest(connector="zendesk")
            found = client.connectors.GetConnectorStatus(request).status
            return int(found.pending_count)

    def note(self, number: int, count: int = 1) -> list[str]:
        """Wait for a number of notes on a ticket and return them."""
        desk = self.zendesk.desk
        until(lambda: len(desk.notes(number)) >= count, what=f"{count} notes")
        return desk.notes(number)


def sidecar_in(folder: Path) -> SidecarProcess:
    """Return a sidecar that allows test hosts, running."""
    running = SidecarProcess(folder / "data", **SIDECAR)
    running.start()
    running.wait_until_serving()
    return running


_numbers = itertools.count(1)


@contextmanager
def zendesk_in(
    sidecar: SidecarProcess, poll_seconds: float = 0.5
) -> Iterator[ConnectorHouse]:
    """Lend connectors that run in mode suggest, with a new double."""
    house = ConnectorHouse(sidecar, poll_seconds=poll_seconds)
    # Each test's tickets have numbers of their own in the shared sidecar.
    house.zendesk.desk.numbers = itertools.count(next(_numbers) * 1000)
    _forget_cursors(house)
    house.set_up()
    house.start()
    try:
        yield house
    finally:
        house.close()


def _forget_cursors(house: ConnectorHouse) -> None:
    with house.client() as client:
        for key in ("cursor:tickets", "backfill", "guide"):
            request = connector_pb2.GetConnectorRecordRequest(
                connector="zendesk", key=key
            )
            found = client.connectors.GetConnectorRecord(request)
            if not found.HasField("record"):
                continue
            record = found.record
            record.value = b"{}"
            client.connectors.PutConnectorRecord(
                connector_pb2.PutConnectorRecordRequest(record=record)
            )


def settled(house: ConnectorHouse) -> None:
    """Wait until nothing waits, for longer than a poll takes."""
    quiet = 0
    end = time.monotonic() + 25
    while quiet < 4 and time.monotonic() < end:
        quiet = quiet + 1 if house.waiting() == 0 else 0
        time.sleep(0.3)
    assert house.waiting() == 0


def changes_of(
    house: ConnectorHouse, number: int
) -> dict[str, connector_pb2.VendorChange]:
    """Return what was written down about a ticket, by field."""
    with house.client() as client:
        request = connector_pb2.ListChangesRequest(connector="zendesk", page_size=200)
        found = client.connectors.ListChanges(request).changes
    return {c.field: c for c in found if c.external_id == str(number)}
