"""Opens each implementation of the index; a new one joins in IMPLEMENTATIONS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sidecar.index.embedded import EmbeddedIndex
from sidecar.index.port import Index

DIMENSIONS = 64
MODEL = "contract"


def _embedded(place: Path, model: str, dimensions: int) -> Index:
    return EmbeddedIndex(place, model=model, dimensions=dimensions)


# Each opens the index at a place of the test's own: called twice, the second sees
# what the first has written.
IMPLEMENTATIONS: dict[str, Callable[[Path, str, int], Index]] = {"embedded": _embedded}


class Opener:
    """Opens the implementation under test, as often as a test wants."""

    def __init__(self, name: str, place: Path) -> None:
        self.name = name
        self.place = place
        self._opened: list[Index] = []

    def __call__(self, model: str = MODEL, dimensions: int = DIMENSIONS) -> Index:
        index = IMPLEMENTATIONS[self.name](self.place, model, dimensions)
        self._opened.append(index)
        return index

    def close_all(self) -> None:
        for index in self._opened:
            index.close()


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(request.param, tmp_path / "index")
    yield opener
    opener.close_all()


@pytest.fixture
def index(open_index: Opener) -> Index:
    return open_index()
