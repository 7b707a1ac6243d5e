"""The process: it starts without a sidecar, says what is wrong, ends when told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.needs import REPOSITORY
from tests.servers import free_port


def start(folder: Path, **extra: str) -> subprocess.Popen[bytes]:
    """Start the panel with an environment of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "plugin_ui"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "DESKSIDE_DATA_DIR": str(folder),
            "DESKSIDE_SIDECAR_ADDRESS": f"127.0.0.1:{free_port()}",
            **extra,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_without_a_sidecar_and_ends_when_told(
    tmp_path: Path, how: signal.Signals
) -> None:
    """Health answers at once; a signal ends the process in a moment, with status 0."""
    address = f"127.0.0.1:{free_port()}"
    with start(tmp_path, DESKSIDE_PANEL_ADDRESS=address) as process:
        deadline = time.monotonic() + 20
        while True:
            try:
                url = f"http://{address}/healthz"
                with urllib.request.urlopen(url, timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        process.send_signal(how)
        said, _ = process.communicate(timeout=10)
        assert process.returncode == 0, said
        assert b"Traceback" not in said


def test_a_wrong_setting_ends_it_with_one_line(tmp_path: Path) -> None:
    """The line names the setting; there is no traceback."""
    with start(tmp_path, DESKSIDE_PANEL_ADDRESS="0.0.0.0:1") as process:
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"DESKSIDE_PANEL_ADDRESS" in said
    assert b"Traceback" not in said
    assert said.count(b"\n") == 1
