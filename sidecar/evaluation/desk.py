"""A throwaway desk: a whole house in a temporary folder, with the local engine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sidecar.bootstrap import House, open_house
from sidecar.domain.access import Principal, Role
from sidecar.settings import Settings, load_settings
from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Desk:
    """What a measure works with: the ports a server has, and a caller.

    ``caller`` is an administrator of a workspace of its own; ``fresh`` gives another
    with nothing in it, so that measures do not see each other's documents.
    """

    house: House
    caller: Principal

    @property
    def ports(self) -> Ports:
        """Return the ports."""
        return self.house.ports

    def fresh(self, name: str) -> Principal:
        """Return an administrator of the workspace of this name."""
        return administrator(f"eval-{name}")


def administrator(workspace: str) -> Principal:
    """Return a caller that may do everything in the workspace."""
    return Principal(workspace, Role.ADMIN, "key:evaluation", "evaluation")


@contextmanager
def throwaway_desk(usual: Settings | None = None) -> Iterator[Desk]:
    """Open a desk that leaves nothing behind.

    ``usual`` are the settings of the installation: its embedding model is used where
    one is built already, its data is never touched. Raises ``Misconfigured``.
    """
    usual = usual or load_settings()
    folder = Path(tempfile.mkdtemp(prefix="deskside-eval-"))
    try:
        _borrow_models(usual.data_dir / "models", folder / "models")
        house = open_house(_settings(usual, folder))
        try:
            yield Desk(house, administrator("eval"))
        finally:
            house.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(usual: Settings, folder: Path) -> Settings:
    # Everything embedded, whatever the installation uses; all cores for one process.
    return usual.model_copy(
        update={
            "data_dir": folder,
            "database_url": "",
            "weaviate_url": "",
            "redis_url": "",
            "secret_key_file": None,
            "llm": "local",
            "workspace": "eval",
            "processes": 1,
            "threads": usual.threads or os.cpu_count() or 1,
        }
    )


def _borrow_models(built: Path, place: Path) -> None:
    if built.is_dir():
        shutil.copytree(built, place)
