"""The embedder port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors that are near where the meanings are near."""

    @property
    def model(self) -> str:
        """Name and variant of the model, e.g. ``all-MiniLM-L6-v2/int8``.

        Vectors of different models are never compared; the index records it.
        """

    @property
    def dimensions(self) -> int:
        """Length of every vector; 0 when there is no model (keyword-only mode)."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised float32 row a text, shape (len(texts), dimensions).

        A text gives the same vector whatever batch it stands in. Text beyond the
        model's window (256 tokens) is cut off; an empty text gives a valid vector.
        """
