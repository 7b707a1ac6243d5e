"""Vectors of fixed texts, kept beside the model: what a start need not compute again.

Meant for a taxonomy's names, descriptions and examples (about 330 texts, a second of
work); never for what customers write, which must not outlive its erasure.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from sidecar.embedder.port import Embedder, Vectors

_MOST_FILES = 16
_LEAST_TEXTS = 2


class KeptVectors:
    """An embedder that keeps the vectors of lists; a single text is passed on.

    A file is named by model and texts, so it can be missing but never be wrong; the
    16 newest stay. A folder that cannot be written only costs the time again.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._folder = folder

    @property
    def model(self) -> str:
        """Name and variant of the model behind it."""
        return self._embedder.model

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return an L2-normalised float32 row a text: (len(texts), dimensions)."""
        if len(texts) < _LEAST_TEXTS or not self.dimensions:
            return self._embedder.embed(texts)
        path = self._folder / f"{self._digest(texts)}.npy"
        kept = _read(path, (len(texts), self.dimensions))
        if kept is None:
            kept = self._embedder.embed(texts)
            with suppress(OSError):
                _write(path, kept)
        return kept

    def _digest(self, texts: Sequence[str]) -> str:
        digest = hashlib.sha256(self.model.encode())
        for text in texts:
            content = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d " % len(content) + content)
        return digest.hexdigest()


def _read(path: Path, shape: tuple[int, int]) -> Vectors | None:
    try:
        rows: Vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return rows if rows.shape == shape and rows.dtype == np.float32 else None


def _write(path: Path, rows: Vectors) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.{os.getpid()}")
    with draft.open("wb") as file:
        np.save(file, rows, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    newest_first = sorted(
        path.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True
    )
    for old in newest_first[_MOST_FILES:]:
        old.unlink(missing_ok=True)
