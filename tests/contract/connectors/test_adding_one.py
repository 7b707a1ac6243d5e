"""docs/adding_a_connector.md leads to a connector that works."""

from __future__ import annotations

import re
import shlex
import subprocess
import urllib.request
from pathlib import Path

import pytest

from sidecar.v1 import connector_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.contract.connectors import guide
from tests.flow.connector_house import until
from tests.flow.connectors_process import ConnectorsProcess
from tests.flow.sidecar_process import SidecarProcess


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which every step of the page was done."""
    copy = tmp_path_factory.mktemp("guide") / "repository"
    touched = guide.follow(copy)
    assert len(touched) == 7, touched
    return copy


@pytest.mark.timeout(120)
def test_the_shared_suite_passes_for_the_pages_connector(tree: Path) -> None:
    """The page's own command: all tests of a hook, and the rule of imports."""
    (command,) = [b for b in guide.blocks("bash") if "pytest" in b]
    _, *words = shlex.split(command)
    said = guide.run(tree, *words[1:], "-q", "-p", "no:cacheprovider")
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= 20, said
    assert "skipped" not in said


def test_what_the_page_adds_is_in_the_house_format(tree: Path) -> None:
    """Ruff finds nothing in what the page wrote and changed."""
    paths = ["connectors", "sidecar/domain", "tests/contract/connectors", "tests/rules"]
    guide.run(tree, "ruff", "check", "--no-cache", "-q", *paths)
    guide.run(tree, "ruff", "format", "--no-cache", "--check", *paths)


def test_the_pages_commands_end_with_a_stored_ticket(tree: Path) -> None:
    """Set, test, a signed webhook by curl's words, and the ticket is classified."""
    data = tree.parent / "data"
    settings = {**guide.environment(tree), "DESKSIDE_EMBEDDER": "none"}
    sidecar = SidecarProcess(data, **settings)
    sidecar.start()
    connectors = ConnectorsProcess(data, sidecar.address, "acme", **settings)
    try:
        sidecar.wait_until_serving()
        connectors.start()
        _deskside(tree, sidecar, "connector set acme secret=of-the-tests mode=shadow")
        told = _deskside(tree, sidecar, "connector test acme")
        assert "A signing secret is filled in." in told
        assert _post(connectors.port) == 200
        with sidecar.client() as client:
            key = tickets_pb2.ExternalTicketKey(connector="acme", external_id="7")
            request = tickets_pb2.ListTicketsRequest(connector="acme")
            until(lambda: client.tickets.ListTickets(request).tickets, what="a ticket")
            panel = tickets_pb2.GetTicketPanelRequest(external=key)
            until(
                lambda: client.tickets.GetTicketPanel(panel).HasField("classification"),
                what="its classification",
            )
            status = connector_pb2.GetConnectorStatusRequest(connector="acme")
            found = client.connectors.GetConnectorStatus(status).status
            assert found.dead_count == 0
        assert "acme:7" in _deskside(tree, sidecar, "tickets list --connector acme")
        assert connectors.stop() == 0, connectors.said()
    finally:
        sidecar.stop()


def _deskside(tree: Path, sidecar: SidecarProcess, command: str) -> str:
    """Run a command of the page against the copy's sidecar."""
    (page,) = [b for b in guide.blocks("bash") if "curl" in b]
    assert f".venv/bin/deskside {command}\n" in page
    key = sidecar.key("admin")
    given = {"DESKSIDE_SIDECAR_ADDRESS": sidecar.address, "DESKSIDE_API_KEY": key}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        return guide.run(tree, "sidecar.cli.main", *command.split())


def _post(port: int) -> int:
    """Sign and send as the page's shell does; only curl itself is Python's here."""
    (page,) = [b for b in guide.blocks("bash") if "curl" in b]
    signing = page[page.index("BODY=") : page.index("curl")]
    script = f'{signing}printf "%s\\n%s\\n%s" "$NOW" "$MAC" "$BODY"'
    done = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, check=True
    )
    now, mac, body = done.stdout.split("\n")
    headers = {"X-Acme-Time": now, "X-Acme-Signature": mac}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/hooks/default/acme",
        body.encode(),
        {**headers, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)
