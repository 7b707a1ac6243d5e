"""Measures a start: seconds to SERVING, memory after 50 calls a process, the demo.

    python -m tests.bench.bench_start [--runs 5] [--json OUT]

Each run is new processes over one data folder that holds the sample company; the
graph is in its cache. Limits: SERVING within 2 s, 350 MB resident a process, the
demo's page within 5 s.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.bench import calls
from tests.bench.measuring import judge, machine, parser, publish, runs
from tests.bench.sidecars import DESKSIDE, Sidecar, running, seconds_to_page, seed
from tests.servers import free_port

CALLS = 50
CALLERS = 8
SERVING_SECONDS = 2.0
RESIDENT_MB = 350
DEMO_SECONDS = 5.0
_TEXT = "I still wait for my refund and nobody answers my mails"


def one_start(data_dir: Path, processes: int) -> dict[str, float]:
    """Start once; return seconds to SERVING, to all ready, to the first answer."""
    sidecar = Sidecar(data_dir, processes)
    try:
        sidecar.start()
        serving = sidecar.seconds_to_serving()
        with sidecar.client() as client:
            calls.classify([_TEXT])(client, 0)
            answered = time.monotonic() - sidecar.started_at
            ids = calls.ticket_ids(client)
        all_ready = sidecar.seconds_to_all_ready()
        keys = sidecar.keys(CALLERS * processes)
        clients = [sidecar.client(key) for key in keys]
        calls.times(clients, calls.mixed(calls.texts_of(24), ids), CALLS * processes)
        for client in clients:
            client.close()
        memory = sidecar.memory()
    finally:
        sidecar.stop()
    assert len(memory) == processes
    most = {f"{name}": float(max(one[name] for one in memory)) for name in memory[0]}
    together = float(sum(one["pss_mb"] for one in memory))
    return {
        "serving_s": serving,
        "all_ready_s": all_ready,
        "first_classify_s": answered,
        **most,
        "together_pss_mb": together,
    }


def one_demo(data_dir: Path) -> dict[str, float]:
    """Run ``up --demo`` where all is seeded; return seconds to the page, to the end."""
    names = ("SIDECAR", "PANEL", "METRICS", "CONNECTORS")
    ports = {f"DESKSIDE_{name}_ADDRESS": f"127.0.0.1:{free_port()}" for name in names}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DESKSIDE_")}
    started = time.monotonic()
    process = psutil.Popen(
        [*DESKSIDE, "up", "--demo"],
        env={**kept, **ports, "DESKSIDE_DATA_DIR": str(data_dir)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        page = seconds_to_page(
            f"http://{ports['DESKSIDE_PANEL_ADDRESS']}/demo", started
        )
        # The page stands before the sidecar answers; the demo works when both do.
        ready = f"http://{ports['DESKSIDE_METRICS_ADDRESS']}/readyz"
        working = max(page, seconds_to_page(ready, started))
    finally:
        ending = time.monotonic()
        process.terminate()
        process.wait(30)
    return {"page_s": page, "working_s": working, "stop_s": time.monotonic() - ending}


def first_start(folder: Path) -> dict[str, float]:
    """Start in an empty folder: graph, database and keys are made."""
    sidecar = Sidecar(folder)
    with running(sidecar):
        serving = sidecar.seconds_to_all_ready()
        return {"serving_s": round(serving, 2), **sidecar.memory()[0]}


def prepared(data_dir: Path) -> int:
    """Put the sample company into the folder; return how many passages it has."""
    with running(Sidecar(data_dir)) as sidecar:
        seed(sidecar)
        return sidecar.passages()


def main() -> int:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=5)
    wanted = options.parse_args()
    report: dict[str, Any] = {"machine": machine()}
    limits: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        empty, data_dir = Path(scratch) / "empty", Path(scratch) / "data"
        report["first start, empty folder"] = first_start(empty)
        report["passages"] = prepared(data_dir)
        for processes in (1, 2):
            taken = [one_start(data_dir, processes) for _ in range(wanted.runs)]
            title = f"processes: {processes}"
            figures = {name: runs([one[name] for one in taken]) for name in taken[0]}
            report[title] = figures
            limits |= {
                f"{title}, all SERVING, median s": (
                    figures["all_ready_s"]["median"],
                    SERVING_SECONDS,
                ),
                f"{title}, resident MB of one": (figures["rss_mb"]["max"], RESIDENT_MB),
            }
        taken = [one_demo(data_dir) for _ in range(wanted.runs)]
        report["up --demo"] = {n: runs([one[n] for one in taken]) for n in taken[0]}
        working = report["up --demo"]["working_s"]["median"]
        limits["demo page and sidecar, median s"] = (working, DEMO_SECONDS)
    report["load after"] = round(os.getloadavg()[0], 2)
    report["limits"] = judge(limits)
    return publish(report, wanted.json)


if __name__ == "__main__":
    raise SystemExit(main())
