"""A workspace's key is replaced, revoked or taken away; the others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.connector import load
from connectors.process import ConnectorsProcess
from connectors.settings import ConnectorsSettings
from sidecar.bootstrap import House, open_house
from sidecar.client import SidecarClient
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from sidecar.v1 import connector_pb2
from tests.contract.connectors.cases import CASES
from tests.contract.connectors.conftest import SECRET, MovableClock, Receiver
from tests.contract.rpc.tiny import UNLIMITED
from tests.flow.connector_house import until
from tests.servers import free_port

(CASE,) = [case for case in CASES if case.path == "slack/events"]


@dataclass
class Keys:
    """A real sidecar, and the key files of a connectors process beside it."""

    house: House
    address: str
    folder: Path
    hooks: Receiver = field(
        default_factory=lambda: Receiver(free_port(), MovableClock())
    )

    def add(self, workspace: str, role: Role = Role.SERVICE) -> tuple[str, str]:
        """Return a new key of a workspace: its identifier and its secret."""
        with self.house.ports.store.transaction() as tx:
            given = (tx, self.house.ports, workspace, "k", role, "", None, "test")
            made, secret = add_key(*given)
        return made.id, secret

    def revoke(self, workspace: str, key_id: str) -> None:
        """End a key at once."""
        with self.house.ports.store.transaction() as tx:
            tx.access.revoke_key(workspace, key_id, self.house.ports.clock.now())

    def file(self, workspace: str) -> Path:
        """Return where the process finds a workspace's key."""
        return self.folder / f"connectors.{workspace}.key"

    def set_up(self, workspace: str) -> str:
        """Turn Slack on, in shadow mode, and give the process a key; its identifier."""
        _, admin = self.add(workspace, Role.ADMIN)
        request = connector_pb2.SaveConnectorRequest(
            connector="slack",
            mode=connector_pb2.CONNECTOR_MODE_SHADOW,
            settings={**CASE.set_up(SECRET), "bot_token": "xoxb-of-the-tests"},
        )
        with SidecarClient(self.address, admin) as client:
            client.connectors.SaveConnector(request)
        key_id, secret = self.add(workspace)
        self.file(workspace).write_text(secret)
        return key_id

    def send(self, workspace: str) -> int:
        """Send a webhook and return the status of the answer."""
        return self.hooks.hook(CASE, CASE.body(), workspace=workspace).status

    def waiting(self, workspace: str) -> int:
        """Return how many deliveries nobody has worked on."""
        _, admin = self.add(workspace, Role.ADMIN)
        request = connector_pb2.GetConnectorStatusRequest(connector="slack")
        with SidecarClient(self.address, admin) as client:
            found = client.connectors.GetConnectorStatus(request).status
        return int(found.pending_count)

    def works(self, workspace: str) -> None:
        """Wait until a webhook is accepted, and until it has been worked on."""
        until(lambda: self.send(workspace) == 200, 8, f"a hook of {workspace}")
        until(lambda: not self.waiting(workspace), 8, f"work in {workspace}")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    """A sidecar that runs; each test starts its own process beside it."""
    house = open_house(Settings(data_dir=tmp_path / "data", embedder="none"))
    server = SidecarServer(wiring_of(house), Options(limits=UNLIMITED))
    server.start()
    folder = tmp_path / "keys"
    folder.mkdir()
    yield Keys(house, f"127.0.0.1:{server.port}", folder)
    server.stop(1.0)
    house.close()


@pytest.fixture
def start(keys: Keys) -> Iterator[ConnectorsProcess]:
    """A connectors process that the test starts once the files are there."""
    settings = ConnectorsSettings(
        address=f"127.0.0.1:{keys.hooks.port}",
        sidecar_address=keys.address,
        data_dir=keys.folder,
    )
    process = ConnectorsProcess(settings, load(("slack",)), keys.hooks.clock)
    yield process
    process.stop()


def _leads() -> int:
    """Return how many workers lease."""
    return [thread.name for thread in threading.enumerate()].count("slack-lead")


def test_a_refused_key_is_in_no_other_workspaces_way(
    keys: Keys, start: ConnectorsProcess
) -> None:
    """Of the files the first one's key is revoked: the second one's is served."""
    keys.revoke("a", keys.set_up("a"))
    keys.set_up("b")
    start.start()
    keys.works("b")
    # What comes for the refused one shall come again, once its key is mended.
    assert keys.send("a") == 503
    _, secret = keys.add("a")
    keys.file("a").write_text(secret)
    keys.works("a")
    assert keys.send("nobody") == 404


def test_a_replaced_key_is_the_workers_too(
    keys: Keys, start: ConnectorsProcess
) -> None:
    """The old key is revoked once the new one is there: hooks and work go on."""
    first = keys.set_up("b")
    start.start()
    keys.works("b")
    _, second = keys.add("b")
    keys.file("b").write_text(second)
    keys.revoke("b", first)
    keys.works("b")


def test_a_key_that_is_taken_away_ends_its_workspaces_work(
    keys: Keys, start: ConnectorsProcess
) -> None:
    """Nobody leases for it any more; with the key the work comes back."""
    keys.set_up("a")
    keys.set_up("b")
    start.start()
    keys.works("a")
    keys.works("b")
    assert _leads() == 2
    aside = keys.file("b").rename(keys.folder / "aside")
    until(lambda: keys.send("b") == 404, 8, "the end of b's hooks")
    until(lambda: _leads() == 1, 8, "the end of b's worker")
    keys.works("a")
    aside.rename(keys.file("b"))
    keys.works("b")
