"""C15: the sidecar restarts under load and nobody notices, with the shipped client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import psutil
import pytest

from sidecar.client import SidecarClient
from sidecar.v1 import assist_pb2, ticket_pb2
from tests.servers import free_port

_RUN = (
    "from sidecar.settings import load_settings\n"
    "from sidecar.supervisor import run\n"
    "raise SystemExit(run(load_settings()))\n"
)
# A machine that also runs other tests starts a process in seconds instead of one.
_PATIENCE = 25.0


class Deskside:
    """A supervisor with its processes."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        self.metrics = f"127.0.0.1:{free_port()}"
        environment = {
            **os.environ,
            "DESKSIDE_DATA_DIR": str(folder),
            "DESKSIDE_SIDECAR_ADDRESS": self.address,
            "DESKSIDE_METRICS_ADDRESS": self.metrics,
            "DESKSIDE_PROCESSES": str(processes),
            "DESKSIDE_EMBEDDER": "none",
        }
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN], env=environment, stderr=self.log
        )
        self.wait_ready()

    def get(self, path: str) -> tuple[int, str]:
        """Ask the probes."""
        try:
            with urllib.request.urlopen(f"http://{self.metrics}{path}", timeout=2) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def wait_ready(self) -> None:
        """Wait until a process is ready."""
        end = time.monotonic() + _PATIENCE
        while self.get("/readyz")[0] != 200:
            assert time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def children(self) -> list[psutil.Process]:
        """The processes that serve."""
        found = psutil.Process(self.process.pid).children()
        return [child for child in found if child.status() != psutil.STATUS_ZOMBIE]

    def stop_one(self, number: signal.Signals) -> None:
        """Send the signal to a process that serves, once there is one."""
        self.wait_ready()
        self.children()[0].send_signal(number)

    def client(self) -> SidecarClient:
        """A client with the administrator's key of the first start."""
        return SidecarClient(
            self.address, (self.folder / "admin.key").read_text().strip()
        )

    def stop(self) -> int:
        """Stop it as an operator does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Load:
    """Callers that classify and retrieve all the time, and what they met."""

    def __init__(self, desk: Deskside, callers: int) -> None:
        self.errors: list[str] = []
        self.slowest = 0.0
        self.done = 0
        self._stop = threading.Event()
        self._clients = [desk.client() for _ in range(callers)]
        self._threads = [
            threading.Thread(target=self._run, args=(number,))
            for number in range(callers)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        client, count = self._clients[number], 0
        while not self._stop.is_set():
            count += 1
            began = time.monotonic()
            try:
                if count % 3:
                    query = assist_pb2.RetrieveRequest(query="refund")
                    client.assist.Retrieve(query, timeout=_PATIENCE)
                else:
                    name = f"load-{number}-{count}"
                    ticket = ticket_pb2.Ticket(external_id=name, subject="Refund?")
                    request = assist_pb2.ClassifyRequest(ticket=ticket)
                    client.assist.Classify(request, timeout=_PATIENCE)
            except Exception as error:  # noqa: BLE001 - each one counts
                self.errors.append(repr(error))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.done += 1

    def go_on(self, calls: int) -> None:
        """Wait until so many more calls have ended."""
        goal, end = self.done + calls, time.monotonic() + _PATIENCE
        while self.done < goal:
            assert time.monotonic() < end, self.errors
            time.sleep(0.02)

    def stop(self) -> None:
        """End the load."""
        self._stop.set()
        for thread in self._threads:
            thread.join(15)
        for client in self._clients:
            client.close()


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: str(number.name)
)
def test_restarts_under_load_cause_no_error(
    tmp_path: Path, number: signal.Signals, processes: int
) -> None:
    """C15: 0 client-visible errors over restarts by SIGTERM and by SIGKILL."""
    with Deskside(tmp_path, processes) as desk:
        load = Load(desk, callers=4)
        try:
            for _ in range(2):
                load.go_on(20)
                desk.stop_one(number)
            load.go_on(20)
        finally:
            load.stop()
        assert load.errors == []
        assert desk.stop() == 0
    print(json.dumps({"calls": load.done, "slowest_seconds": round(load.slowest, 2)}))


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """A kill -9 of the parent ends the children by themselves."""
    with Deskside(tmp_path, 2) as desk:
        children = desk.children()
        assert len(children) == 2
        desk.process.kill()
        gone, alive = psutil.wait_procs(children, timeout=15)
        assert len(gone) == 2
        assert alive == []


def test_probes_speak_for_all_processes(tmp_path: Path) -> None:
    """One place for liveness, readiness and the sum of all metrics."""
    with Deskside(tmp_path, 2) as desk:
        with desk.client() as client:
            for _ in range(10):
                client.assist.Retrieve(assist_pb2.RetrieveRequest(query="x"))
        assert desk.get("/healthz")[0] == 200
        assert desk.get("/nothing")[0] == 404
        text = desk.get("/metrics")[1]
        retrieve = 'code="OK",method="/sidecar.v1.AssistService/Retrieve"'
        assert f"deskside_rpc_seconds_count{{{retrieve}}} 10.0" in text
        assert "deskside_processes_running 2.0" in text
        assert desk.stop() == 0


def test_a_wrong_setting_ends_it_with_words_and_status_two(tmp_path: Path) -> None:
    """Starting again cannot help, so it does not try."""
    environment = {
        **os.environ,
        "DESKSIDE_DATA_DIR": str(tmp_path),
        "DESKSIDE_SIDECAR_ADDRESS": "127.0.0.1:0",
        "DESKSIDE_METRICS_ADDRESS": "127.0.0.1:0",
        "DESKSIDE_WEAVIATE_URL": "http://127.0.0.1:1",
        "DESKSIDE_TLS_CERT": str(tmp_path / "none.pem"),
        "DESKSIDE_TLS_KEY": str(tmp_path / "none.pem"),
    }
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        env=environment,
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    assert done.returncode == 2
    assert "DESKSIDE_TLS_CERT" in done.stderr


_STOPS = """
import os, random, signal, threading
from sidecar import supervisor

supervisor._TICK = 0.0  # as many chances to be interrupted in the wait as there are
dice = random.Random(1)
for _ in range(200):
    wait = dice.random() / 100
    kill = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGTERM))

    class Supervisor(supervisor.Supervisor):
        def _look_after_children(self):
            if kill.ident is None:  # only now a signal reaches this one
                kill.start()
            return 0

    assert Supervisor([], None, 1.0).run() == 0
    kill.join()
"""


def test_a_stop_is_heard_at_any_moment() -> None:
    """Whatever the supervisor's own thread does when the signal comes."""
    done = subprocess.Popen([sys.executable, "-c", _STOPS])
    try:
        assert done.wait(40) == 0
    finally:
        done.kill()
