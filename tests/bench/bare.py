"""The bare parts in processes of their own: the embedder alone, and a gRPC echo.

``python -m tests.bench.bare embed|echo …`` is one such process.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

import grpc
import psutil

from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.settings import load_settings
from tests.bench import calls
from tests.bench.measuring import rate_of
from tests.bench.sidecars import OWN_CONNECTION, cpu_seconds
from tests.servers import free_port

_METHOD = "/bench.Echo/Echo"
_BODY = b"x" * 2000


class _Children:
    """Processes of this module that end with the ``with`` block."""

    def __init__(self, count: int, *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.bench.bare", *arguments]
        self.processes = [
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(count)
        ]
        for process in self.processes:
            assert _line(process) == "ready"

    def cpu_seconds(self) -> float:
        """Return the processor seconds that they have used so far."""
        return cpu_seconds(psutil.Process(one.pid) for one in self.processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.communicate("\n")


class BareEmbedders(_Children):
    """As many embedders as the sidecar has processes, with as many threads each."""

    def __init__(self, models: Path, count: int, threads: int) -> None:
        super().__init__(count, "embed", str(models), str(threads))

    def rate(self, words: int, callers: int, seconds: float) -> float:
        """Return the texts a second of all together, asked by so many callers."""
        share = max(1, callers // len(self.processes))
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(f"{words} {share} {seconds}\n")
            process.stdin.flush()
        return sum(float(_line(process)) for process in self.processes)


class BareEcho(_Children):
    """gRPC servers on one port that send back what they got."""

    def __init__(self, count: int) -> None:
        self._port = free_port()
        super().__init__(count, "echo", str(self._port))

    def rate(self, callers: int, seconds: float) -> float:
        """Return the calls a second of so many callers, 2 KB each."""
        address = f"127.0.0.1:{self._port}"
        with ExitStack() as stack:
            echoes = []
            for _ in range(callers):
                channel = grpc.insecure_channel(address, options=OWN_CONNECTION)
                stack.enter_context(channel)
                echoes.append(partial(_echo_once, channel.unary_unary(_METHOD)))
            return rate_of(echoes, seconds)


def _echo_once(echo: Any, _at: int) -> None:
    echo(_BODY, wait_for_ready=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _embed(models: str, threads: str) -> None:
    weights = find_weights()
    assert weights is not None
    variant = load_settings().embedder_variant
    embedder = MiniLmEmbedder.open(weights, Path(models), variant, int(threads))
    print("ready", flush=True)
    while (asked := sys.stdin.readline().split()) != []:
        words, callers, seconds = asked
        work = partial(_embed_one, embedder, calls.texts_of(int(words)))
        print(rate_of([work] * int(callers), float(seconds)), flush=True)


def _embed_one(embedder: MiniLmEmbedder, texts: Sequence[str], at: int) -> None:
    embedder.embed([texts[at % len(texts)]])


def _echo(port: str) -> None:
    def answer(body: bytes, _context: Any) -> bytes:
        return body

    handler = grpc.method_handlers_generic_handler(
        "bench.Echo", {"Echo": grpc.unary_unary_rpc_method_handler(answer)}
    )
    options = (("grpc.so_reuseport", 1),)
    server = grpc.server(ThreadPoolExecutor(8), [handler], options=options)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    print("ready", flush=True)
    sys.stdin.readline()
    server.stop(0)


if __name__ == "__main__":
    if sys.argv[1] == "embed":
        _embed(*sys.argv[2:])
    else:
        _echo(*sys.argv[2:])
