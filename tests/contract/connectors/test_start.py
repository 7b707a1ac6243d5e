"""A connectors process is warm before it listens, and never waits long for that."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.connector import load
from connectors.process import ConnectorsProcess
from connectors.server import HookServer
from connectors.settings import ConnectorsSettings
from tests.contract.connectors.cases import CASES
from tests.contract.connectors.conftest import SECRET, MovableClock, Receiver
from tests.doubles.slow_sidecar import SlowSidecar, slow_sidecar
from tests.servers import free_port

(CASE,) = [case for case in CASES if case.path == "slack/events"]
NEEDED = {"GetMe", "GetConnectorCredentials"}


class Watched(ConnectorsProcess):
    """Notes what the sidecar had been asked when it began to listen."""

    def __init__(self, settings: ConnectorsSettings, sidecar: SlowSidecar) -> None:
        super().__init__(settings, load(("slack",)), MovableClock())
        self.sidecar = sidecar
        self.asked: list[str] = []

    def _listen(self) -> HookServer:
        self.asked = list(self.sidecar.calls)
        return super()._listen()


@pytest.fixture
def sidecar() -> Iterator[SlowSidecar]:
    """A sidecar with Slack set up."""
    with slow_sidecar({"k": "default"}, **CASE.set_up(SECRET)) as running:
        yield running


@contextmanager
def started(
    sidecar: SlowSidecar, folder: Path, address: str = ""
) -> Iterator[tuple[Watched, Receiver, float]]:
    """Lend a process, where its hooks are, and how long its start took."""
    port = free_port()
    settings = ConnectorsSettings(
        address=f"127.0.0.1:{port}",
        sidecar_address=address or sidecar.address,
        data_dir=folder,
        api_key="k",
    )
    process = Watched(settings, sidecar)
    began = time.monotonic()
    process.start()
    lasted = time.monotonic() - began
    try:
        yield process, Receiver(port, MovableClock()), lasted
    finally:
        process.stop()


def test_keys_and_credentials_are_there_before_the_first_request(
    sidecar: SlowSidecar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever connects first waits for its own event and for nothing else."""
    monkeypatch.setattr("connectors.process._WARM_SECONDS", 20.0)
    with started(sidecar, tmp_path) as (process, hooks, _):
        assert set(process.asked) >= NEEDED
        assert hooks.hook(CASE, CASE.body()).status == 200


def test_a_sidecar_that_is_away_delays_no_start(
    sidecar: SlowSidecar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receiver listens at once and says that it cannot store anything."""
    monkeypatch.setattr("connectors.process._WARM_SECONDS", 20.0)
    nobody = f"127.0.0.1:{free_port()}"
    with started(sidecar, tmp_path, nobody) as (_, hooks, lasted):
        assert lasted < 15
        assert hooks.hook(CASE, CASE.body()).status == 503


def test_a_sidecar_that_hangs_delays_a_start_for_a_moment_only(
    sidecar: SlowSidecar, tmp_path: Path
) -> None:
    """Half a second, then requests are answered: to come again."""
    sidecar.seconds = 15.0
    with started(sidecar, tmp_path) as (process, hooks, lasted):
        assert lasted < 10
        assert not set(process.asked) - NEEDED
        assert hooks.hook(CASE, CASE.body()).status == 503


def test_an_address_that_is_taken_is_said_at_the_start(
    sidecar: SlowSidecar, tmp_path: Path
) -> None:
    """One line and status 1; what was opened to be warm keeps nothing alive."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        given = {
            "DESKSIDE_CONNECTORS_ADDRESS": address,
            "DESKSIDE_SIDECAR_ADDRESS": sidecar.address,
            "DESKSIDE_DATA_DIR": str(tmp_path),
            "DESKSIDE_API_KEY": "k",
        }
        done = subprocess.run(
            [sys.executable, "-m", "connectors", "--only", "slack"],
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == f"deskside connectors: {address}: Address already in use\n"
    assert "GetMe" in sidecar.calls


def test_an_unexpected_error_does_not_end_the_look_for_workspaces(
    sidecar: SlowSidecar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went wrong for one is looked at again, for all of them."""
    looked = threading.Semaphore(0)

    def broken(*_given: object) -> None:
        looked.release()
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("connectors.process.Lane", broken)
    with started(sidecar, tmp_path):
        assert all(looked.acquire(timeout=20) for _ in range(3))
