"""The whole house behind a real server: SQLite, index, engine, every servicer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sidecar.bootstrap import House, open_house
from sidecar.client import SidecarClient
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from tests.contract.rpc.tiny import UNLIMITED


@dataclass
class Running:
    """A house that answers on a port; keys for every role and another workspace."""

    house: House
    port: int
    keys: dict[str, str]

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def client(self, key: str = "admin") -> SidecarClient:
        """Return a client with a role's key."""
        return SidecarClient(self.address, self.keys[key])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One furnished house for a module."""
    folder: Path = tmp_path_factory.mktemp("house")
    house = open_house(Settings(data_dir=folder, embedder="none", demo=True))
    server = SidecarServer(wiring_of(house), Options(limits=UNLIMITED))
    server.start()
    yield Running(house, server.port, _keys(house))
    server.stop(1.0)
    house.close()


def _keys(house: House) -> dict[str, str]:
    made = {}
    with house.ports.store.transaction() as tx:
        for role in Role:
            _, made[role.value] = add_key(
                tx, house.ports, "default", role.value, role, "", None, "test"
            )
        _, made["elsewhere"] = add_key(
            tx, house.ports, "elsewhere", "k", Role.ADMIN, "", None, "test"
        )
    return made
