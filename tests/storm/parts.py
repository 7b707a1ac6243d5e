"""The processes that are killed: sidecars on one port, connectors, a database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import DatabaseServer, free_port


@dataclass(slots=True)
class Part:
    """One process; killed and started again it is the same part."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it without waiting for anything."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power cut would; no handler runs."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def ask_to_stop(self) -> None:
        """Ask it to drain."""
        if self.process is not None:
            self.process.terminate()

    def wait(self) -> int:
        """Return the exit status; kill it when it does not drain."""
        if self.process is None:
            return 0
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


@dataclass(slots=True)
class Fleet:
    """Two sidecars on one port and two connectors processes, over one database."""

    folder: Path
    database_url: str = ""
    sidecar_port: int = field(default_factory=free_port)
    hook_ports: tuple[int, int] = field(
        default_factory=lambda: (free_port(), free_port())
    )
    parts: list[Part] = field(init=False)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        common = {
            "DESKSIDE_DATA_DIR": str(self.folder / "data"),
            "DESKSIDE_SIDECAR_ADDRESS": f"127.0.0.1:{self.sidecar_port}",
            "DESKSIDE_ALLOW_TEST_HOSTS": "1",
            "DESKSIDE_EMBEDDER": "none",
            "DESKSIDE_LEASE_SECONDS": "5",
            "DESKSIDE_POLL_SECONDS": "2",
            # Two programs share one key here; the storm is not about its limit.
            "DESKSIDE_KEY_CALLS_PER_MINUTE": "1000000",
        }
        if self.database_url:
            common["DESKSIDE_DATABASE_URL"] = self.database_url
        self.parts = [
            self._part(f"sidecar {n}", "sidecar.server", (), common) for n in (1, 2)
        ]
        for port in self.hook_ports:
            own = {**common, "DESKSIDE_CONNECTORS_ADDRESS": f"127.0.0.1:{port}"}
            only = ("--only", "zendesk,slack")
            self.parts.append(self._part(f"connectors {port}", "connectors", only, own))

    def _part(
        self, name: str, module: str, arguments: tuple[str, ...], env: dict[str, str]
    ) -> Part:
        command = [sys.executable, "-m", module, *arguments]
        log = self.folder / f"{name.replace(' ', '-')}.log"
        return Part(name, command, env, log)

    @property
    def sidecars(self) -> list[Part]:
        """The parts with the state."""
        return self.parts[:2]

    def revive(self) -> None:
        """Start again what ended by itself, as a supervisor does, and note its words.

        A sidecar that starts while its database is away says so and ends.
        """
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None:
                last = part.log.read_text(errors="replace").splitlines()[-1:]
                status = part.process.returncode
                self.ended.append(f"{part.name}: {status}: {''.join(last)[:200]}")
                part.start()

    def stop(self) -> list[int]:
        """Stop all, connectors first; return the exit statuses."""
        statuses = []
        for parts in (self.parts[2:], self.sidecars):
            for part in parts:
                part.ask_to_stop()
            statuses += [part.wait() for part in parts]
        return statuses


class Killer:
    """Kills a random part every ``pause`` seconds and starts it again at once."""

    def __init__(self, fleet: Fleet, pause: float, seed: int) -> None:
        self._fleet = fleet
        self._pause = pause
        self._random = random.Random(seed)
        self.kills: Counter[str] = Counter()

    def run(self, kills: int) -> None:
        """Kill this often."""
        for _ in range(kills):
            time.sleep(self._random.uniform(0.6, 1.4) * self._pause)
            part = self._random.choice(self._fleet.parts)
            part.kill()
            self.kills[part.name.split()[0]] += 1
            part.start()

    def run_database(self, server: DatabaseServer, kills: int) -> None:
        """Kill the database this often; it comes back after a second."""
        for _ in range(kills):
            time.sleep(self._random.uniform(3, 5))
            server.kill()
            self.kills["database"] += 1
            time.sleep(1)
            server.start()
            self._fleet.revive()


def in_thread(work: threading.Thread, seconds: float) -> None:
    """Wait for a thread and fail when it hangs."""
    work.join(seconds)
    assert not work.is_alive(), f"{work.name} hangs"
