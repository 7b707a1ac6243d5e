"""The demo's Zendesk and Slack are connected anew with every start."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.bootstrap import open_house
from sidecar.cli import demo_vendors
from sidecar.client import SidecarClient
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from sidecar.v1 import access_pb2, connector_pb2
from tests.contract.rpc.tiny import UNLIMITED


def test_a_second_start_connects_the_new_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ports and secret are new with each start; the member is there once."""
    settings = Settings(
        data_dir=tmp_path, embedder="none", demo=True, allow_test_hosts=True
    )
    house = open_house(settings)
    server = SidecarServer(wiring_of(house), Options(limits=UNLIMITED))
    server.start()
    with house.ports.store.transaction() as tx:
        who = (house.ports, "default", "admin", Role.ADMIN)
        _, key = add_key(tx, *who, "", None, "test")
    with SidecarClient(f"127.0.0.1:{server.port}", key) as client:
        for port in (50_001, 50_003):
            place = f"{port}:{port + 1}:{port:032}"
            monkeypatch.setenv(demo_vendors.VARIABLE, place)
            demo_vendors.set_up(client)
            request = connector_pb2.GetConnectorRequest(connector="slack")
            saved = client.connectors.GetConnector(request).connector
            assert f"127.0.0.1:{port + 1}/" in str(saved.settings)
        members = client.access.ListMembers(access_pb2.ListMembersRequest()).members
        assert [member.name for member in members].count("Robin") == 1
    server.stop(1.0)
    house.close()
