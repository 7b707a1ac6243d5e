"""Starts the command line as a person would: real processes, a folder, free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.servers import free_port

DESKSIDE = [sys.executable, "-m", "sidecar.cli.main"]
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished command has printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return its one JSON document."""
        return json.loads(self.out)


@dataclass(slots=True)
class House:
    """A folder and free ports, for commands run there."""

    folder: Path
    environment: dict[str, str]

    @property
    def panel(self) -> str:
        """Return the panel's address."""
        return self.environment["DESKSIDE_PANEL_ADDRESS"]

    def command(
        self, *words: str, stdin: bytes = b"", seconds: float = 60, **more: str
    ) -> Result:
        """Run one command to its end, its output in pipes."""
        done = subprocess.run(
            [*DESKSIDE, *words],
            cwd=self.folder,
            env={**self.environment, **more},
            input=stdin,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *words: str, **more: str) -> Running:
        """Start a command that stays, its lines in a file."""
        log = self.folder / f"{words[0]}.log"
        with log.open("wb") as output:
            process = psutil.Popen(
                [*DESKSIDE, *words],
                cwd=self.folder,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Running(process, log)


@dataclass(slots=True)
class Running:
    """A command that stays until it is told to go."""

    process: psutil.Popen
    log: Path

    @property
    def lines(self) -> str:
        """Return everything it has printed so far."""
        return self.log.read_text()

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> float:
        """Wait until it has printed this; return the seconds that took."""
        began = time.monotonic()
        while text not in self.lines:
            took = time.monotonic() - began
            assert self.process.poll() is None, f"ended early:\n{self.lines}"
            assert took < seconds, f"no {text!r} within {seconds} s:\n{self.lines}"
            time.sleep(0.05)
        return time.monotonic() - began

    def family(self) -> list[psutil.Process]:
        """Return its process and all below it."""
        return [self.process, *self.process.children(recursive=True)]

    def interrupt(self, seconds: float = 20) -> int:
        """Press Ctrl-C and wait for the end; return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return int(self.process.wait(seconds))


def left_of(family: list[psutil.Process], seconds: float) -> list[str]:
    """Return the command lines of those that still run after so many seconds."""
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return [" ".join(process.cmdline()) for process in alive]


def house(folder: Path, **more: str) -> House:
    """Return a folder with ports of its own."""
    names = ("SIDECAR", "PANEL", "METRICS", "CONNECTORS")
    ports = {f"DESKSIDE_{name}_ADDRESS": f"127.0.0.1:{free_port()}" for name in names}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DESKSIDE_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    data = {"DESKSIDE_DATA_DIR": str(folder / "data")}
    return House(folder, {**kept, "PATH": path, **ports, **data, **more})


@contextmanager
def running(place: House, *words: str, **more: str) -> Iterator[Running]:
    """Start `up` or the like and stop it in the end, whatever happens."""
    started = place.start(*words, **more)
    family: list[psutil.Process] = []
    try:
        yield started
        if started.process.poll() is None:
            family = started.family()
            started.interrupt()
    finally:
        if started.process.poll() is None:
            family = started.family()
            started.process.kill()
        for process in family:
            if process.is_running():
                process.kill()


def get(url: str) -> int:
    """Return the HTTP status of a GET, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def without_model(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what makes a start quick where the model does not matter."""
    return {**(environment or {}), "DESKSIDE_EMBEDDER": "none"}
