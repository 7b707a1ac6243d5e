"""The first five minutes of a newcomer: clone, `make run`, look, Ctrl-C.

Run by `make fresh`, since it installs everything from nothing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from tests import needs
from tests.servers import free_port

COLD_SECONDS = 180.0
WARM_SECONDS = 5.0
STOP_SECONDS = 20.0
LOOK_MS = 90_000
RESULTS = ("classification", "knowledge", "draft", "summary", "escalation")

pytestmark = [pytest.mark.fresh, pytest.mark.timeout(600)]


class Demo:
    """One `make run` in a clone, on ports of its own."""

    def __init__(self, clone: Path) -> None:
        ports = {
            "DESKSIDE_SIDECAR_ADDRESS": free_port(),
            "DESKSIDE_PANEL_ADDRESS": free_port(),
            "DESKSIDE_CONNECTORS_ADDRESS": free_port(),
            "DESKSIDE_METRICS_ADDRESS": free_port(),
        }
        addresses = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        # An outer environment or virtual environment must not lend a hand.
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VIRTUAL_ENV")}
        self.page = f"http://{addresses['DESKSIDE_PANEL_ADDRESS']}/demo"
        self.clone = clone
        self.log = clone.parent / "make-run.log"
        with self.log.open("ab") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=clone,
                env=kept | addresses,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # As a terminal does it: one foreground group that gets Ctrl-C.
                start_new_session=True,
            )

    def wait_for_page(self, seconds: float) -> float:
        """Wait until the demo page answers and return after how many seconds."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            assert self.make.poll() is None, self.said()
            with suppress(OSError), urllib.request.urlopen(self.page, timeout=5) as got:
                assert got.status == 200
                return time.monotonic() - start
            time.sleep(0.05)
        pytest.fail(f"no page after {seconds:.0f} s\n{self.said()}")

    def said(self) -> str:
        """Return what `make run` printed."""
        return self.log.read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """Return every process that runs out of the clone or belongs to its group."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                command = " ".join(process.cmdline())
                of_group = os.getsid(process.pid) == self.make.pid
                if of_group or str(self.clone) in command:
                    found.append(process)
        return found

    def press_ctrl_c(self) -> int:
        """Interrupt as a terminal does; return the exit status as a shell names it."""
        os.killpg(self.make.pid, signal.SIGINT)
        status = self.make.wait(STOP_SECONDS)
        return 128 - status if status < 0 else status

    def kill(self) -> None:
        """End whatever is left."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        self.make.wait()


@contextmanager
def running(clone: Path) -> Iterator[Demo]:
    """Run the demo and leave nothing behind, whatever the test finds."""
    demo = Demo(clone)
    try:
        yield demo
    finally:
        demo.kill()


def see_five_results(chromium: Browser, demo: Demo) -> float:
    """Open the page as a person would; return after how many seconds all is shown.

    Classification, knowledge, draft and summary of the ticket on show, and its
    escalation, each with words in it.
    """
    start = time.monotonic()
    page = chromium.new_page()
    try:
        page.goto(demo.page)
        page.wait_for_selector("#panel", state="attached", timeout=LOOK_MS)
        frame = page.frame(name="deskside-panel")
        assert frame is not None
        for part in RESULTS:
            shown = f'[data-part="{part}"][data-state="ready"]'
            frame.wait_for_selector(shown, state="attached", timeout=LOOK_MS)
            assert len(frame.inner_text(shown).strip()) > 20, part
    finally:
        page.close()
    return time.monotonic() - start


def stop_and_look(demo: Demo) -> None:
    """Press Ctrl-C and prove that it stops all of it, quietly."""
    assert demo.press_ctrl_c() in (0, 130), demo.said()
    assert demo.processes() == []
    assert "***" not in demo.said()


def test_one_command_from_a_clone_to_the_demo(
    tmp_path: Path, chromium: Browser
) -> None:
    """`make run` shows the demo in 3 minutes from nothing and in 5 seconds warm."""
    clone = tmp_path / "deskside"
    subprocess.run(
        ["git", "clone", "--quiet", needs.REPOSITORY, clone], check=True, timeout=60
    )
    with running(clone) as demo:
        cold = demo.wait_for_page(COLD_SECONDS)
        cold_results = see_five_results(chromium, demo)
        assert cold + cold_results <= COLD_SECONDS
        stop_and_look(demo)
    with running(clone) as demo:
        warm = demo.wait_for_page(WARM_SECONDS)
        warm_results = see_five_results(chromium, demo)
        stop_and_look(demo)
    print(
        f"make run to /demo and then to five results: cold {cold:.1f} s +"
        f" {cold_results:.1f} s, warm {warm:.1f} s + {warm_results:.1f} s"
    )
