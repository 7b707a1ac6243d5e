"""Vectors of fixed texts are kept beside the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sidecar.embedder.kept import KeptVectors
from sidecar.embedder.port import Vectors


class _Counting:
    """An embedder of two dimensions that counts what it is asked."""

    def __init__(self, model: str = "counting") -> None:
        self.model = model
        self.dimensions = 2
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return np.array([[len(text), 1] for text in texts], np.float32)


def test_a_list_is_embedded_once_even_after_a_restart(tmp_path: Path) -> None:
    """The second start reads the file; another model or other texts do not."""
    first, second, other = _Counting(), _Counting(), _Counting("other")
    texts = ["one", "three"]
    made = KeptVectors(first, tmp_path / "labels").embed(texts)
    again = KeptVectors(second, tmp_path / "labels").embed(texts)
    KeptVectors(other, tmp_path / "labels").embed(texts)
    KeptVectors(other, tmp_path / "labels").embed(["onet", "hree"])
    assert np.array_equal(made, again)
    assert (first.texts, second.texts, other.texts) == (2, 0, 4)


def test_a_damaged_file_is_made_anew_and_single_texts_are_not_kept(
    tmp_path: Path,
) -> None:
    """What a crash or a disk did to a file costs time, never a wrong vector."""
    embedder = _Counting()
    kept = KeptVectors(embedder, tmp_path)
    kept.embed(["one"])
    assert not list(tmp_path.iterdir())
    kept.embed(["one", "two"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert kept.embed(["one", "two"]).shape == (2, 2)
    assert embedder.texts == 5
