"""Real sidecars for benchmarks: started as an operator would, seeded, measured."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import psutil
from grpc_health.v1 import health_pb2

from sidecar.client import SidecarClient
from sidecar.v1 import access_pb2, insight_pb2
from tests.servers import free_port

DESKSIDE = [sys.executable, "-m", "sidecar.cli.main"]
_PATIENCE = 120.0
# Seconds; a server rests that uses less than so much of one core.
_SETTLING, _GLANCE, _RESTING = 6.0, 0.3, 0.1
_SERVING = health_pb2.HealthCheckResponse.SERVING
# Several connections, so that the kernel gives some to each process of a port.
OWN_CONNECTION = (("grpc.use_local_subchannel_pool", 1),)


@dataclass(slots=True)
class Sidecar:
    """``deskside sidecar`` over one data folder, in a process group of its own."""

    data_dir: Path
    processes: int = 1
    settings: dict[str, str] = field(default_factory=dict)
    address: str = ""
    started_at: float = 0.0
    ready_at: list[float] = field(default_factory=list)
    _process: psutil.Popen | None = None

    def environment(self) -> dict[str, str]:
        """Return the environment that this sidecar and its commands run in."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DESKSIDE_")}
        own = {
            "DESKSIDE_DATA_DIR": str(self.data_dir),
            "DESKSIDE_SIDECAR_ADDRESS": self.address,
            "DESKSIDE_METRICS_ADDRESS": f"127.0.0.1:{free_port()}",
        }
        return kept | own | self.settings

    def start(self) -> None:
        """Start it without waiting for anything."""
        self.address = f"127.0.0.1:{free_port()}"
        self.ready_at.clear()
        environment = self.environment()
        self.started_at = time.monotonic()
        self._process = psutil.Popen(
            [*DESKSIDE, "sidecar", "--processes", str(self.processes)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        threading.Thread(target=self._follow, daemon=True).start()

    def seconds_to_serving(self) -> float:
        """Wait until the port's health says SERVING; return the seconds since start."""
        request = health_pb2.HealthCheckRequest(service="sidecar.v1.AssistService")
        # A gRPC client whose first attempt is refused notices a listener late (10 s
        # without these options): what is measured here is the server.
        options = (
            *OWN_CONNECTION,
            ("grpc.initial_reconnect_backoff_ms", 20),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 50),
        )
        with grpc.insecure_channel(self.address, options=options) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            while (passed := time.monotonic() - self.started_at) < _PATIENCE:
                with contextlib.suppress(grpc.RpcError):
                    if (
                        check(request, timeout=1, wait_for_ready=True).status
                        == _SERVING
                    ):
                        return time.monotonic() - self.started_at
                time.sleep(0.01)
        raise TimeoutError(f"not serving after {passed:.0f} s")

    def seconds_to_all_ready(self) -> float:
        """Wait until every process said that it is ready; return the seconds."""
        while len(self.ready_at) < self.processes:
            if time.monotonic() - self.started_at > _PATIENCE:
                raise TimeoutError("not all processes are ready")
            time.sleep(0.005)
        return max(self.ready_at) - self.started_at

    def servers(self) -> list[psutil.Process]:
        """Return the processes that answer calls, without their supervisor."""
        assert self._process is not None
        return [
            child
            for child in self._process.children(recursive=True)
            if "sidecar.server" in child.cmdline()
        ]

    def cpu_seconds(self) -> float:
        """Return the processor seconds that the servers have used so far."""
        return cpu_seconds(self.servers())

    def settle(self) -> None:
        """Wait until the servers rest: what was put off must not slow the next side."""
        end = time.monotonic() + _SETTLING
        while time.monotonic() < end:
            before = self.cpu_seconds()
            time.sleep(_GLANCE)
            if self.cpu_seconds() - before < _RESTING * _GLANCE:
                return

    def memory(self) -> list[dict[str, int]]:
        """Return resident, shared-out (PSS), private and peak megabytes of each."""
        return [memory_of(process) for process in self.servers()]

    def client(self, key: str = "") -> SidecarClient:
        """Return a client with a connection of its own; the administrator's key."""
        key = key or (self.data_dir / "admin.key").read_text().strip()
        return SidecarClient(self.address, key, options=OWN_CONNECTION)

    def keys(self, count: int) -> list[str]:
        """Make service keys, one a caller: each has a rate limit of its own."""
        with self.client() as client:
            return [
                client.access.CreateApiKey(
                    access_pb2.CreateApiKeyRequest(
                        name=f"bench-{number}", role=access_pb2.ROLE_SERVICE
                    )
                ).secret
                for number in range(count)
            ]

    def passages(self) -> int:
        """Return how many passages it knows."""
        with self.client() as client:
            status = client.insight.GetStatus(insight_pb2.GetStatusRequest())
        return int(status.passage_count)

    def stop(self) -> None:
        """Ask it to drain and wait; kill what stays."""
        if self._process is None:
            return
        family = [self._process, *self._process.children(recursive=True)]
        self._process.terminate()
        _, alive = psutil.wait_procs(family, timeout=20)
        for process in alive:
            process.kill()
        self._process = None

    def _follow(self) -> None:
        assert self._process is not None
        for line in self._process.stderr:
            if b'"server.ready"' in line and json.loads(line).get("ready"):
                self.ready_at.append(time.monotonic())


@contextmanager
def running(sidecar: Sidecar) -> Iterator[Sidecar]:
    """Start a sidecar, wait until all its processes serve, stop it in the end."""
    try:
        sidecar.start()
        sidecar.seconds_to_serving()
        sidecar.seconds_to_all_ready()
        yield sidecar
    finally:
        sidecar.stop()


def seed(sidecar: Sidecar) -> None:
    """Send the sample company's knowledge and tickets to a running sidecar."""
    subprocess.run(
        [*DESKSIDE, "seed"],
        env=sidecar.environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the processor seconds that these processes have used so far."""
    times = [process.cpu_times() for process in processes]
    return sum(float(one.user + one.system) for one in times)


def memory_of(process: psutil.Process) -> dict[str, int]:
    """Return megabytes: resident, its share of shared pages (PSS), private, peak."""
    now = process.memory_full_info()
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    return {
        "rss_mb": now.rss >> 20,
        "pss_mb": now.pss >> 20,
        "private_mb": now.uss >> 20,
        "peak_mb": int(peak.group(1)) >> 10 if peak else 0,
    }


def seconds_to_page(url: str, started_at: float, patience: float = _PATIENCE) -> float:
    """Wait until a GET is answered with 200; return the seconds since the start."""
    while time.monotonic() - started_at < patience:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(url, timeout=5) as answer,
        ):
            if answer.status == 200:
                answer.read()
                return time.monotonic() - started_at
        time.sleep(0.02)
    raise TimeoutError(url)
