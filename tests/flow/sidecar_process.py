"""One real sidecar process on a free port, to be started, killed and restarted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2

from sidecar.client import SidecarClient
from tests.servers import free_port

_SERVING = health_pb2.HealthCheckResponse.SERVING
_START_SECONDS = 60.0


class SidecarProcess:
    """``python -m sidecar.server`` over one data folder; the port stays the same."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.address = f"127.0.0.1:{free_port()}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._environment = {
            **os.environ,
            "DESKSIDE_DATA_DIR": str(data_dir),
            "DESKSIDE_SIDECAR_ADDRESS": self.address,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it without waiting for anything."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sidecar.server"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_serving(self) -> float:
        """Return after how many seconds the assist service said SERVING."""
        start = time.monotonic()
        request = health_pb2.HealthCheckRequest(service="sidecar.v1.AssistService")
        with grpc.insecure_channel(self.address) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            while time.monotonic() - start < _START_SECONDS:
                assert self.process.poll() is None, self.said()
                try:
                    answer = check(request, timeout=1, wait_for_ready=True)
                except grpc.RpcError:
                    continue
                if answer.status == _SERVING:
                    return time.monotonic() - start
                time.sleep(0.02)
        raise AssertionError(f"not serving after {_START_SECONDS} s\n{self.said()}")

    def client(self) -> SidecarClient:
        """Return a client with the administrator's key of the first start."""
        return SidecarClient(self.address, self.key("admin"))

    def key(self, name: str) -> str:
        """Return one of the keys the first start wrote."""
        return (self.data_dir / f"{name}.key").read_text().strip()

    def key_of_workspace(self, workspace: str) -> str:
        """Return an administrator's key of another workspace, made by the command."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "sidecar.cli.main"),
                *("keys", "create", "test", "--role", "admin", "--json"),
            ],
            env=self._environment | {"DESKSIDE_WORKSPACE": workspace},
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        secret: str = json.loads(done.stdout)["secret"]
        return secret

    def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to drain and return its exit status."""
        self.process.terminate()
        return self.process.wait(30)

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-4000:]

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return the running process."""
        assert self._process is not None, "not started"
        return self._process
