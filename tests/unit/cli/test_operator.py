"""Whose data an operator's command means."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidecar.cli.listeners import by, check_free, is_taken
from sidecar.cli.operator import operator_settings
from tests.servers import free_port


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_demo_is_meant_where_only_the_demo_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key made beside the demo is the demo's; a real deployment comes first."""
    assert operator_settings().data_dir == Path(".deskside")
    Path(".deskside-demo").mkdir()
    assert operator_settings().data_dir == Path(".deskside-demo")
    assert "Using ./.deskside-demo" in capsys.readouterr().err
    Path(".deskside").mkdir()
    assert operator_settings().data_dir == Path(".deskside")
    assert "Using ./.deskside, not ./.deskside-demo" in capsys.readouterr().err
    monkeypatch.setenv("DESKSIDE_DATA_DIR", "elsewhere")
    assert operator_settings().data_dir == Path("elsewhere")


def test_a_free_port_is_free() -> None:
    """Nothing is said about an address that nobody uses."""
    address = f"127.0.0.1:{free_port()}"
    assert not is_taken(address)
    assert by(address) == ""
    check_free({"DESKSIDE_PANEL_ADDRESS": address})


@pytest.mark.parametrize("address", ["unix:/tmp/x", "nonsense", "127.0.0.1:99999999"])
def test_what_cannot_be_judged_is_left_to_the_listener(address: str) -> None:
    """An odd address is not called busy; who listens there will say what is wrong."""
    assert not is_taken(address)
