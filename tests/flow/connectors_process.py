"""One real connectors process beside a sidecar, to be started, killed and restarted."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.servers import free_port

_START_SECONDS = 60.0


class ConnectorsProcess:
    """``python -m connectors`` with the keys in a data folder."""

    def __init__(
        self, data_dir: Path, sidecar: str, only: str, **settings: str
    ) -> None:
        self.port = free_port()
        self.log = data_dir.parent / f"connectors-{self.port}.log"
        self._only = only
        self._environment = {
            **os.environ,
            "DESKSIDE_DATA_DIR": str(data_dir),
            "DESKSIDE_SIDECAR_ADDRESS": sidecar,
            "DESKSIDE_CONNECTORS_ADDRESS": f"127.0.0.1:{self.port}",
            "DESKSIDE_LEASE_SECONDS": "5",
            "DESKSIDE_POLL_SECONDS": "1",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until its receiver answers."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "connectors", "--only", self._only],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None, self.said()
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.said())

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send a request to the receiver and return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    @property
    def pid(self) -> int:
        """Id of the process."""
        assert self._process is not None, "not started"
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would; nothing happens before the first start."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to drain and return its exit status."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(30)

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-4000:]
