"""The real model, built once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from tests import needs


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    needs.weights()
    found = find_weights()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def open_minilm(weights_dir: Path, cache_dir: Path) -> Callable[[str], MiniLmEmbedder]:
    @cache
    def open_variant(variant: str) -> MiniLmEmbedder:
        return MiniLmEmbedder.open(weights_dir, cache_dir, variant, threads=1)

    return open_variant
