"""The doctor says which step cures what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.bootstrap import open_house
from sidecar.cli.checks import Finding, examine
from sidecar.settings import Settings


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
