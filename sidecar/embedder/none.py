"""The embedder of a deployment without a model: retrieval goes on by words alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sidecar.embedder.port import Vectors


class NoEmbedder:
    """Answers vectors of length 0, which tells every user to do without."""

    @property
    def model(self) -> str:
        """Always ``none``."""
        return "none"

    @property
    def dimensions(self) -> int:
        """Always 0."""
        return 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return an empty row a text, shape (len(texts), 0)."""
        return np.empty((len(texts), 0), np.float32)
