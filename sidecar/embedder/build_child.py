"""Builds a graph in a process of its own, which takes 300 MB and gives them back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from sidecar.embedder.graph_cache import MODEL_FILE, folder_name, graph_path


def build_if_missing(weights_dir: Path, cache_dir: Path, variant: str) -> None:
    """Have the graph of ``variant`` built unless it is in ``cache_dir``.

    Raises nothing: where the child fails, whoever opens the graph builds it, and says
    what is wrong if that fails too.
    """
    if (cache_dir / folder_name(variant) / MODEL_FILE).is_file():
        return
    arguments = [str(weights_dir), str(cache_dir), variant]
    command = [sys.executable, "-m", "sidecar.embedder.build_child", *arguments]
    # Its input is a pipe of ours: the child ends when we do, however that happens.
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        child.wait()


def main(arguments: list[str]) -> None:
    """Be the child: build, or end with the process that waits for it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    weights_dir, cache_dir, variant = arguments
    graph_path(Path(weights_dir), Path(cache_dir), variant)


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
