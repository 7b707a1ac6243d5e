"""docs/adding_a_connector.md leads to a connector that works."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.client import SidecarClient
from sidecar.v1 import connector_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests import needs
from tests.contract.connectors import guide
from tests.flow.connector_house import until
from tests.servers import free_port


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


@pytest.mark.timeout(120)
def test_the_pages_commands_end_with_a_stored_ticket(tree: Path) -> None:
    """The block is run as it is written, on other ports: the ticket is classified."""
    needs.program("curl", package="curl")
    needs.program("openssl", package="openssl")
    _install(tree)
    addresses = {
        f"DESKSIDE_{name}_ADDRESS": f"127.0.0.1:{free_port()}"
        for name in ("CONNECTORS", "METRICS", "PANEL", "SIDECAR")
    }
    (page,) = [b for b in guide.blocks("bash") if "curl" in b]
    block = page.replace("127.0.0.1:8081", addresses["DESKSIDE_CONNECTORS_ADDRESS"])
    assert block != page
    running, said = _run(tree, block, addresses)
    try:
        assert running.wait(90) == 0, said.read_text()
        assert '{"status":"ready"}' in said.read_text()
        assert "A signing secret is filled in." in said.read_text()
        key = (tree / ".deskside/admin.key").read_text().strip()
        with SidecarClient(addresses["DESKSIDE_SIDECAR_ADDRESS"], key) as client:
            _check(client)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        until(lambda: _is_over(running.pid), what="the end of it")


def _install(tree: Path) -> None:
    """Put the program where a clone has it after `make check`."""
    program = tree / ".venv/bin/deskside"
    program.parent.mkdir(parents=True)
    run = f'exec {shlex.quote(sys.executable)} -m sidecar.cli.main "$@"'
    program.write_text(f"#!/bin/sh\n{run}\n")
    program.chmod(0o755)


def _run(
    tree: Path, block: str, addresses: dict[str, str]
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a block in a shell of its own; return it and where its words are."""
    said = tree.parent / "said"
    given = {**guide.environment(tree), **addresses, "DESKSIDE_EMBEDDER": "none"}
    with said.open("wb") as output:
        running = subprocess.Popen(
            ["bash", "-eu", "-o", "pipefail", "-c", block],
            cwd=tree,
            env={**os.environ, **given},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return running, said


def _check(client: SidecarClient) -> None:
    key = tickets_pb2.ExternalTicketKey(connector="acme", external_id="7")
    panel = tickets_pb2.GetTicketPanelRequest(external=key)
    until(
        lambda: client.tickets.GetTicketPanel(panel).HasField("classification"),
        what="its classification",
    )
    status = connector_pb2.GetConnectorStatusRequest(connector="acme")
    assert client.connectors.GetConnectorStatus(status).status.dead_count == 0


def _is_over(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
