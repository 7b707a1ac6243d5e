"""Builds the ONNX graph once and keeps it beside the data.

A graph is a folder that appears by one rename, so a process killed while building
leaves only a temporary folder, and two that build at once both succeed: the later
one finds the name taken and uses what is there.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from sidecar.embedder import weights
from sidecar.errors import Misconfigured

# Raise it with every change of the graph builders that alters a vector or the file.
BUILDER_VERSION = 2
MODEL_FILE = "model.onnx"


def folder_name(variant: str) -> str:
    """Return the name of a variant's folder; it changes with weights and builder."""
    processor = "-plain" if variant == "int8" and not has_vnni() else ""
    digest = weights.WEIGHTS_SHA256[:12]
    return f"minilm-{digest}-b{BUILDER_VERSION}-{variant}{processor}"


@cache
def has_vnni() -> bool:
    """Say whether 8-bit products are summed without overflow on this processor.

    True on ARM and on x86 with VNNI, as far as Linux tells; False when in doubt,
    which costs a little accuracy and nothing else.
    """
    if platform.machine().lower() in ("aarch64", "arm64"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "avx512_vnni" in flags or "avx_vnni" in flags


def graph_path(weights_dir: Path, cache_dir: Path, variant: str) -> Path:
    """Return the cached model file of ``variant``, building it first if need be.

    Raises ``Misconfigured`` when the weights are not the expected ones or the cache
    folder cannot be written.
    """
    final = cache_dir / folder_name(variant)
    model = final / MODEL_FILE
    if model.is_file():
        return model
    content = weights.checked_bytes(
        weights_dir / weights.WEIGHTS_FILE, weights.WEIGHTS_SHA256
    )
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        _build_into(final, content, variant)
    except OSError as error:
        raise Misconfigured(
            f"the model cache {cache_dir} cannot be written ({error}): make it "
            "writable, or point DESKSIDE_DATA_DIR where 120 MB are free"
        ) from error
    return model


def discard(model: Path) -> None:
    """Remove a cached graph that could not be loaded, so that it is built anew."""
    doomed = Path(tempfile.mkdtemp(prefix=".discarded-", dir=model.parent.parent))
    # Not there: another process discarded it first.
    with suppress(FileNotFoundError):
        model.parent.rename(doomed / "graph")
    shutil.rmtree(doomed, ignore_errors=True)


def _build_into(final: Path, content: bytes, variant: str) -> None:
    # Imported here: a process that finds the graph in the cache never needs onnx.
    from sidecar.embedder import minilm_graph
    from sidecar.embedder.minilm_int8 import Int8Graph

    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=final.parent))
    try:
        tensors = minilm_graph.with_segment(weights.read_safetensors(content))
        graph = (
            Int8Graph(tensors, vnni=has_vnni())
            if variant == "int8"
            else minilm_graph.Graph(tensors)
        )
        minilm_graph.save(minilm_graph.build(graph), scratch / MODEL_FILE)
        for file in (*scratch.iterdir(), scratch):
            _flush(file)
        _rename_unless_taken(scratch, final)
        _flush(final.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _rename_unless_taken(scratch: Path, final: Path) -> None:
    try:
        scratch.rename(final)
    except OSError:
        # A folder that is not empty is never replaced: somebody else was first.
        if not (final / MODEL_FILE).is_file():
            raise


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
