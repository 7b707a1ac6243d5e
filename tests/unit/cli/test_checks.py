"""The doctor says which step cures what it found."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sidecar.bootstrap import open_house
from sidecar.cli.checks import Finding, examine
from sidecar.settings import Settings
from tests.needs import REPOSITORY
from tests.servers import free_port

# Root may write everywhere; without this it is refused like everybody else.
_AS_ANYBODY = (
    ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if os.geteuid() == 0
    else []
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder as a first start leaves it, and the environment's choice."""
    folder = tmp_path / "data"
    open_house(Settings(data_dir=folder, embedder="none")).close()
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(folder))
    monkeypatch.setenv("DESKSIDE_EMBEDDER", "none")
    return folder


def _found(check: str) -> Finding:
    (only,) = (finding for finding in examine() if finding.check == check)
    return only


def test_a_corrupt_index_is_deleted_and_built_anew(data: Path) -> None:
    """Nothing is lost by it, so the cure is a folder's name and a start."""
    assert _found("index").state == "ok"
    for file in (data / "index").glob("index.db*"):
        file.write_bytes(b"not a database " * 4096)
    found = _found("index")
    assert found.state == "bad"
    assert f"delete {data / 'index'}, start again" in found.advice
    open_house_fails = pytest.raises(Exception, match="delete that folder, start again")
    with open_house_fails:
        open_house(Settings(data_dir=data, embedder="none"))


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("DESKSIDE_SIDECAR_ADDRESS", "nonsense", "settings"),
        ("DESKSIDE_DATABASE_URL", "oracle://x", "database"),
        ("DESKSIDE_DATABASE_URL", "foo", "database"),
    ],
)
def test_a_wrong_setting_is_corrected_by_its_name(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, check: str
) -> None:
    """Whoever reads the advice knows which variable to change."""
    assert data.is_dir()
    monkeypatch.setenv(name, value)
    found = _found(check)
    assert found.state == "bad"
    assert f"correct {name}" in found.advice


def test_a_database_address_has_an_example(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote something else sees how one looks; the index is not blamed too."""
    assert data.is_dir()
    monkeypatch.setenv("DESKSIDE_DATABASE_URL", "foo")
    said = _found("database").message
    assert "mysql+pymysql://user:password@host:3306/deskside" in said
    assert [item for item in examine() if item.check == "index"] == []


def test_a_damaged_database_is_put_back_from_a_backup(data: Path) -> None:
    """A file has no server to look for, and the index is not blamed too."""
    for file in data.glob("deskside.db*"):
        file.write_bytes(b"not a database " * 4096)
    found = _found("database")
    assert found.state == "bad"
    assert f"{data / 'deskside.db'} is damaged" in found.message
    assert "put back a backup" in found.advice
    assert "server" not in found.advice
    assert [item for item in examine() if item.check == "index"] == []


def _without_writing(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    data.chmod(0o500)
    try:
        return subprocess.run(
            [*_AS_ANYBODY, sys.executable, "-m", "sidecar.cli.main", *words],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        data.chmod(0o700)


def test_a_folder_that_cannot_be_written_is_the_only_thing_to_mend(data: Path) -> None:
    """Nothing is to be deleted, and no variable corrected that is not set."""
    rows = json.loads(_without_writing(data, "doctor", "--json").stdout)["findings"]
    bad: list[dict[str, Any]] = [row for row in rows if row["state"] == "bad"]
    assert "data folder" in {row["check"] for row in bad}
    for row in bad:
        assert "delete" not in row["advice"], row
        assert "DESKSIDE_DATABASE_URL" not in row["advice"], row
        assert "writable" in row["advice"], row


def test_a_secret_that_cannot_be_written_is_said_like_all_the_rest(data: Path) -> None:
    """`keys rotate` names the folder as `keys list` does, and changes nothing."""
    before = (data / "secret.key").read_text()
    listed = _without_writing(data, "keys", "list")
    rotated = _without_writing(data, "keys", "rotate")
    assert (listed.returncode, rotated.returncode) == (1, 1)
    assert rotated.stderr == listed.stderr
    assert "not writable for this user" in rotated.stderr
    assert (data / "secret.key").read_text() == before


def test_the_port_of_the_webhooks_is_looked_at(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`up` needs it as much as the other two."""
    assert data.is_dir()
    port = free_port()
    monkeypatch.setenv("DESKSIDE_CONNECTORS_ADDRESS", f"127.0.0.1:{port}")
    assert _found("connectors port").state == "ok"
    with socket.create_server(("127.0.0.1", port)):
        found = _found("connectors port")
    assert "is in use" in found.message
