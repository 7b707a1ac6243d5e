"""One gRPC process: open the house, listen, answer, drain.

``python -m sidecar.server`` is what the supervisor starts, N times on one port.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sidecar import logs, metrics
from sidecar.errors import DesksideError, Misconfigured, TryAgain
from sidecar.rpc.contract import SERVICES
from sidecar.rpc.interceptors.admission import Admission, Room
from sidecar.rpc.interceptors.deadline import Deadlines
from sidecar.rpc.interceptors.gate import Gate
from sidecar.rpc.interceptors.pace import Limits, Pace
from sidecar.settings import is_loopback, load_settings
from sidecar.tls import server_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.furnish import Wiring
    from sidecar.settings import Settings

_LOG = logging.getLogger("sidecar.server")
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
_READY_EVERY = 1.0
_BACKGROUND_PATIENCE = 1.0
_TICK = 0.02
# How long a thread that calculates keeps others from going on. A call gives the
# interpreter away a dozen times (database, model, network); with the usual 5 ms each
# return would cost that much beside other calls or the background's work.
_SWITCH_SECONDS = 0.0005
# A call counts as over when its answer is handed to the network; this is its way out.
_LAST_BYTES = 0.25
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.so_reuseport", 1),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Clients move to other processes and to new certificates within half an hour.
    ("grpc.max_connection_age_ms", 30 * 60 * 1000),
    ("grpc.max_connection_age_grace_ms", 2 * 60 * 1000),
    # Notice peers that vanished. Pings of clients are accepted as often as every
    # 30 s without data; more often is not punished, because the punishment
    # (GOAWAY) would kill calls under way.
    ("grpc.keepalive_time_ms", 2 * 60 * 1000),
    ("grpc.keepalive_timeout_ms", 20 * 1000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 30 * 1000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True, slots=True)
class Options:
    """How a server listens and how much it takes on."""

    address: str = "127.0.0.1:0"
    credentials: grpc.ServerCredentials | None = None
    room: Room = field(default_factory=Room)
    deadlines: Deadlines = field(default_factory=Deadlines)
    limits: Limits = field(default_factory=Limits)
    client_names: frozenset[str] = frozenset()


class SidecarServer:
    """The gRPC server with health, reflection and a gate before every method."""

    def __init__(
        self,
        wiring: Wiring,
        options: Options,
        on_ready: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._wiring = wiring
        self._on_ready = on_ready
        self._admission = Admission(options.room)
        self._gate = Gate(
            wiring.methods,
            self._admission,
            wiring.authenticate,
            Pace(wiring.limiter, options.limits),
            wiring.audit,
            options.deadlines,
            options.client_names,
        )
        self._server = grpc.server(
            self._admission, interceptors=[self._gate], options=CHANNEL_OPTIONS
        )
        self._watchers = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._health = health.HealthServicer(
            experimental_non_blocking=True, experimental_thread_pool=self._watchers
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        self.port = self._listen(options)
        self._draining = threading.Event()
        self._ready: bool | None = None
        for name in SERVICES:
            self._health.set(name, _NOT_SERVING)

    def start(self) -> None:
        """Begin to answer; readiness follows the database from now on."""
        self._server.start()
        self._health.set("", _SERVING)
        self._check_ready()
        threading.Thread(
            target=self._watch_readiness, name="readiness", daemon=True
        ).start()

    def stop(self, grace: float) -> None:
        """Say NOT_SERVING, take no new calls, give running ones ``grace`` seconds."""
        self._draining.set()
        self._on_ready(False)
        self._health.enter_graceful_shutdown()
        self._wait_for_calls(self._server.stop(grace), grace)
        self._gate.close()
        self._watchers.shutdown(wait=False)
        self._admission.shutdown(wait=False, cancel_futures=True)

    def is_busy(self) -> bool:
        """Say whether calls come one after another just now."""
        return self._admission.is_busy

    def _wait_for_calls(self, stopped: threading.Event, grace: float) -> None:
        """Wait until no call runs.

        gRPC itself waits for every connection to close, and a client that is idle
        notices that only seconds later: callers would wait for the next process.
        """
        end = time.monotonic() + grace + 2.0
        idle_since = time.monotonic()
        while not stopped.wait(_TICK) and time.monotonic() < end:
            if not self._admission.is_empty:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= _LAST_BYTES:
                return

    def _listen(self, options: Options) -> int:
        try:
            if options.credentials is None:
                return self._server.add_insecure_port(options.address)
            return self._server.add_secure_port(options.address, options.credentials)
        except RuntimeError:
            raise Misconfigured(
                f"DESKSIDE_SIDECAR_ADDRESS: cannot listen on {options.address};"
                " another program may use the port."
            ) from None

    def _watch_readiness(self) -> None:
        while not self._draining.wait(_READY_EVERY):
            self._check_ready()

    def _check_ready(self) -> None:
        try:
            self._wiring.ping()
        except DesksideError:
            self._set_ready(False)
        else:
            self._set_ready(True)

    def _set_ready(self, ready: bool) -> None:
        if ready == self._ready or self._draining.is_set():
            return
        self._ready = ready
        for name in SERVICES:
            self._health.set(name, _SERVING if ready else _NOT_SERVING)
        metrics.READY.set(int(ready))
        self._on_ready(ready)
        logs.event(_LOG, logging.INFO, "server.ready", ready=ready)


def options_from(settings: Settings) -> Options:
    """Return how to listen; raises ``Misconfigured`` for an unprotected listener."""
    protected = settings.tls_cert is not None
    if not protected and not is_loopback(settings.sidecar_address):
        if not settings.insecure:
            raise Misconfigured(
                f"DESKSIDE_SIDECAR_ADDRESS is {settings.sidecar_address}, which others"
                " can reach, and there is no TLS: set DESKSIDE_TLS_CERT and"
                " DESKSIDE_TLS_KEY, or DESKSIDE_INSECURE=1 if you know why."
            )
        logs.event(
            _LOG,
            logging.WARNING,
            "server.insecure: keys and tickets travel unprotected",
            address=settings.sidecar_address,
        )
    return Options(
        address=settings.sidecar_address,
        credentials=server_credentials(settings) if protected else None,
        client_names=frozenset(settings.tls_client_names),
        limits=Limits(
            program=settings.key_calls_per_minute,
            person=settings.person_calls_per_minute,
        ),
    )


def run(
    settings: Settings, report: Callable[[str], None], stop: SimpleQueue[None]
) -> None:
    """Open the house, serve until ``stop``, drain; ``report`` tells the supervisor."""
    # Here, so that --help and a wrong setting do not wait for the heavy parts.
    from sidecar.background import Background
    from sidecar.bootstrap import open_house
    from sidecar.furnish import wiring_of
    from sidecar.keeper import Keeper

    sys.setswitchinterval(_SWITCH_SECONDS)
    options = options_from(settings)
    house = open_house(settings)
    server = SidecarServer(
        wiring_of(house), options, lambda ready: report("ready" if ready else "unready")
    )
    server.start()
    background = Background.start(
        house.ports, settings.data_dir, settings.workspace, server.is_busy
    )
    keeper = Keeper.start(house.ports)
    logs.event(_LOG, logging.INFO, "server.started", port=server.port, pid=os.getpid())
    stop.get()
    logs.event(_LOG, logging.INFO, "server.draining", pid=os.getpid())
    # Beside the drain, and not waited for long: callers wait for the next process,
    # and what the background leaves half done the next one finishes.
    ending = threading.Thread(target=background.stop, daemon=True)
    ending.start()
    # Workers that wait for events are sent away: draining would wait for them.
    house.ports.doorbell.close()
    server.stop(settings.drain_seconds)
    keeper.stop(_BACKGROUND_PATIENCE)
    ending.join(_BACKGROUND_PATIENCE)
    if not ending.is_alive():
        house.close()


def main(arguments: list[str] | None = None) -> int:
    """Run one process until SIGTERM or SIGINT, or until the supervisor is gone."""
    parser = argparse.ArgumentParser(prog="sidecar.server")
    parser.add_argument("--lifeline", type=int, help="descriptor that ends with us")
    parser.add_argument("--report", type=int, help="descriptor for readiness")
    given = parser.parse_args(arguments)
    # A handler may interrupt the very wait it ends: only such a queue bears that.
    stop: SimpleQueue[None] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.put(None))
    if given.lifeline is not None:
        threading.Thread(
            target=_stop_at_end_of, args=(given.lifeline, stop), daemon=True
        ).start()
    try:
        settings = load_settings()
        logs.configure(settings.log_level)
        run(settings, partial(_report, given.report), stop)
    except Misconfigured as error:
        print(error, file=sys.stderr)  # noqa: T201 - read by the one who set it
        return 2
    except TryAgain as error:
        # Whoever looks after us starts us again: it may be there by then.
        said = f"cannot start now: {error.reason.value} ({error})"
        print(said, file=sys.stderr)  # noqa: T201 - as above
        return 1
    return 0


def _stop_at_end_of(descriptor: int, stop: SimpleQueue[None]) -> None:
    """Stop when the supervisor's end of the pipe closes, however it died."""
    while os.read(descriptor, 1):
        pass
    stop.put(None)


def _report(descriptor: int | None, word: str) -> None:
    if descriptor is not None:
        try:
            os.write(descriptor, f"{word}\n".encode())
        except BrokenPipeError:
            _LOG.debug("nobody listens")


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # A thread that is stuck in a call must not keep a drained process alive.
    os._exit(code)
