"""The connectors process: a receiver, and a lane for each workspace and connector."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import time
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue

from connectors.clock import Clock, SystemClock
from connectors.connector import TABLE, Connector, load
from connectors.desk import Desk
from connectors.gateway import SidecarGateway, Unavailable
from connectors.lane import Lane
from connectors.server import HookServer, make_server
from connectors.settings import ConnectorsMisconfigured, ConnectorsSettings
from connectors.web import create_app
from sidecar.client import SidecarClient

log = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0
_WARM_SECONDS = 0.5
_Place = tuple[str, str]


class ConnectorsProcess:
    """Everything that runs; ``start``, then ``stop`` once."""

    def __init__(
        self,
        settings: ConnectorsSettings,
        connectors: Mapping[str, Connector],
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._connectors = connectors
        self._clock = clock or SystemClock()
        self.gateway = SidecarGateway(settings)
        self._lanes: dict[_Place, Lane] = {}
        self._leaving: dict[_Place, threading.Thread] = {}
        self._stop = threading.Event()
        self._looking = threading.Thread(target=self._look, name="workspaces")

    def start(self) -> None:
        """Serve and work, in threads of their own.

        Raises ``OSError`` when it cannot listen on its address.
        """
        self._warm_up()
        try:
            self.server = self._listen()
        except OSError:
            self.gateway.close()
            raise
        self._serving = threading.Thread(target=self.server.run, name="hooks")
        self._serving.start()
        self._looking.start()

    def stop(self) -> bool:
        """Take nothing new, finish what is in hand; say whether it was in time."""
        self._stop.set()
        self._looking.join()
        end = time.monotonic() + self._settings.drain_seconds
        for lane in self._lanes.values():
            lane.ask_to_stop()
        # The receiver goes on while lanes drain: what it accepts is stored.
        in_time = [
            lane.stop(max(end - time.monotonic(), 0.1)) for lane in self._lanes.values()
        ]
        for leaving in self._leaving.values():
            leaving.join(max(end - time.monotonic(), 0.1))
        self.server.stop()
        self._serving.join(5)
        self.gateway.close()
        return all(in_time)

    def _warm_up(self) -> None:
        given = tuple(self._connectors), _WARM_SECONDS
        # In a thread, since looking for a host by its name knows no deadline.
        warming = threading.Thread(
            target=self.gateway.warm_up, args=given, name="warm", daemon=True
        )
        warming.start()
        warming.join(_WARM_SECONDS)

    def _listen(self) -> HookServer:
        host, _, port = self._settings.address.rpartition(":")
        app = create_app(self._connectors, self.gateway, self._clock)
        return make_server(app, host.strip("[]"), int(port))

    def _look(self) -> None:
        """Keep a lane for every workspace whose key is there, as soon as it is."""
        while not self._stop.is_set():
            try:
                found = self._look_once()
            except Exception as error:  # noqa: BLE001 - one workspace must not end all
                log.error("workspaces: %s", type(error).__name__)
                found = False
            self._stop.wait(_LOOK_SECONDS if found else 0.3)

    def _look_once(self) -> bool:
        found: dict[str, SidecarClient] = {}
        with suppress(Unavailable):
            found = self.gateway.workspaces()
            self._leave_all_but(found)
        for workspace, client in found.items():
            for connector in self._connectors.values():
                self._keep_lane(workspace, connector, client)
        return bool(found)

    def _keep_lane(
        self, workspace: str, connector: Connector, client: SidecarClient
    ) -> None:
        place = workspace, connector.name
        if place in self._lanes:
            self._lanes[place].use(client)
            return
        # Two workers of one name would take each other's deliveries.
        if place in self._leaving and self._leaving[place].is_alive():
            return
        desk = Desk(client, connector.name, workspace)
        lane = Lane(connector, desk, self.gateway, self._clock, self._settings)
        self._lanes[place] = lane
        lane.start()
        log.info("%s is ready in workspace %s", connector.name, workspace)

    def _leave_all_but(self, found: Container[str]) -> None:
        """Stop the lanes of workspaces whose key went; what is in hand is finished."""
        for place in [place for place in self._lanes if place[0] not in found]:
            lane = self._lanes.pop(place)
            seconds = self._settings.drain_seconds
            leaving = threading.Thread(
                target=lane.stop, args=(seconds,), name="leaving"
            )
            self._leaving[place] = leaving
            leaving.start()
            log.info("%s has no key any more in workspace %s", place[1], place[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    names = _names(sys.argv[1:] if arguments is None else arguments)
    # A handler may interrupt the very wait it ends: only such a queue bears that.
    stopping: SimpleQueue[None] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopping.put(None))
    try:
        settings = ConnectorsSettings.from_environment()
        process = ConnectorsProcess(settings, load(names))
        process.start()
    except (ConnectorsMisconfigured, ValueError) as error:
        sys.stderr.write(f"deskside connectors: {error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"deskside connectors: {settings.address}: {error.strerror}\n")
        return 1
    log.info("connectors on http://%s", settings.address)
    stopping.get()
    if not process.stop():
        log.warning("stopped with work in hand; its leases run out and it is repeated")
    return 0


def _names(arguments: Sequence[str]) -> tuple[str, ...]:
    parser = argparse.ArgumentParser(prog="deskside connectors")
    known = ", ".join(sorted(TABLE))
    parser.add_argument(
        "--only",
        default="",
        metavar="NAMES",
        help=f"Only these connectors, separated by commas, of: {known}.",
    )
    names = tuple(parser.parse_args(arguments).only.replace(",", " ").split())
    unknown = sorted(set(names) - set(TABLE))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are: {known}")
    return names
