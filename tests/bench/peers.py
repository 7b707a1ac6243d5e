"""The peer in processes of its own: started, asked and measured like ours."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import psutil

from sidecar.embedder.weights import find_weights
from tests.bench.bench_index import Rows
from tests.bench.measuring import rate_of
from tests.bench.sidecars import memory_of, seconds_to_page
from tests.servers import free_port

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".tools" / "peer" / "bin" / "python"
# Importing torch takes 12 s of a core for each worker.
_PATIENCE = 400.0
MISSING = "not installed: run tests/tools/install_peer.sh (6 GB)"


def is_installed() -> bool:
    """Say whether the peer's own environment is there."""
    return (PYTHON.parent.parent / ".installed").exists()


class Peer:
    """FastAPI on uvicorn with so many workers, ready to be asked."""

    def __init__(self, port: int, workers: list[psutil.Process]) -> None:
        self._port = port
        self._workers = workers

    def memory(self) -> list[dict[str, int]]:
        """Return resident, shared-out (PSS), private and peak megabytes of each."""
        return [memory_of(worker) for worker in self._workers]

    def rate(self, texts: Sequence[str], callers: int, seconds: float) -> float:
        """Return the answers a second of so many callers, a connection each."""
        with ExitStack() as stack:
            connections = [
                stack.enter_context(
                    closing(HTTPConnection("127.0.0.1", self._port, timeout=60))
                )
                for _ in range(callers)
            ]
            asks = [partial(_ask, connection, texts) for connection in connections]
            return rate_of(asks, seconds)


def _ask(connection: HTTPConnection, texts: Sequence[str], at: int) -> None:
    body = json.dumps({"text": texts[at % len(texts)], "top_k": 5})
    connection.request("POST", "/search", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    if answer.status != 200 or len(found) != 5:
        raise RuntimeError(f"the peer answers {answer.status}")


@contextmanager
def serving(
    folder: Path, texts: Sequence[str], vectors: Rows, workers: int
) -> Iterator[Peer]:
    """Run the peer over these passages until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", vectors)
    (folder / "texts.json").write_text(json.dumps(list(texts)))
    port = free_port()
    process = psutil.Popen(
        [
            *(str(PYTHON), "-m", "uvicorn", "tests.bench.peer.service:app"),
            *("--port", str(port), "--workers", str(workers)),
            *("--log-level", "warning"),
            # Loading torch keeps a worker from answering its supervisor for long.
            *("--timeout-worker-healthcheck", "120"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "PEER_MODEL": str(find_weights()),
            "PEER_PASSAGES": str(folder),
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
        },
        stdin=subprocess.DEVNULL,
    )
    started = time.monotonic()
    try:
        for _ in range(4 * workers):
            seconds_to_page(f"http://127.0.0.1:{port}/ready", started, _PATIENCE)
        # Workers are the children that have the model in them.
        family = process.children(recursive=True)
        loaded = [one for one in family if one.memory_info().rss > 200 << 20]
        if len(loaded) != workers:
            raise RuntimeError(f"{len(loaded)} of {workers} workers are loaded")
        yield Peer(port, loaded)
    finally:
        family = process.children(recursive=True)
        process.terminate()
        _, alive = psutil.wait_procs([process, *family], timeout=20)
        for one in alive:
            one.kill()
