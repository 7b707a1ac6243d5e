"""Where the key is looked for, and what is said when the sidecar is not there."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sidecar.cli.connection import describe_key, find_key, sidecar_address
from sidecar.cli.main import run
from tests.servers import free_port


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _key(folder: str, text: str) -> Path:
    path = Path(folder) / "admin.key"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_key_is_looked_for_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, then the data folder that is set, else the two usual folders."""
    _key(".deskside-demo", "demo\n")
    assert find_key() == "demo"
    _key(".deskside", "real\n")
    assert find_key() == "real"
    _key("given", "given\n")
    monkeypatch.setenv("DESKSIDE_DATA_DIR", "given")
    assert find_key() == "given"
    monkeypatch.setenv("DESKSIDE_API_KEY", "said")
    assert find_key() == "said"


def test_a_given_folder_without_key_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another deployment's key is never used in its place."""
    _key(".deskside", "real")
    monkeypatch.setenv("DESKSIDE_DATA_DIR", "empty")
    with pytest.raises(click.ClickException, match=r"empty/admin\.key is not there"):
        find_key()


def test_an_unreadable_key_is_said() -> None:
    """A folder in place of the key, or bytes that are no key, have a reason."""
    Path(".deskside/admin.key").mkdir(parents=True)
    with pytest.raises(click.ClickException, match=r"Cannot read the key .*admin.key"):
        find_key()


def test_a_key_is_known_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two deployments side by side, the one used and the other are named."""
    demo = _key(".deskside-demo", "demo")
    assert describe_key() == f"The key comes from {demo.absolute()}."
    used = _key(".deskside", "real")
    assert str(used.absolute()) in describe_key()
    assert "DESKSIDE_DATA_DIR=./.deskside-demo uses it" in describe_key()
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(demo.parent.absolute()))
    assert str(demo.absolute()) in describe_key()
    assert "DESKSIDE_DATA_DIR=./.deskside uses it" in describe_key()
    assert "./.deskside-demo" not in describe_key()


def test_a_key_of_the_environment_is_known_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unsetting it is advised only where another key would then be found."""
    monkeypatch.setenv("DESKSIDE_API_KEY", "said")
    assert describe_key() == "The key comes from the variable DESKSIDE_API_KEY."
    used = _key(".deskside", "real")
    _key(".deskside-demo", "demo")
    assert describe_key().endswith(f" Unset it to use {used}.")


def test_a_server_on_every_address_is_called_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """0.0.0.0 is where to listen, not whom to call."""
    monkeypatch.setenv("DESKSIDE_SIDECAR_ADDRESS", "0.0.0.0:50051")
    assert sidecar_address() == "127.0.0.1:50051"


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", ":50051", "a:b"])
def test_an_address_that_is_none_is_not_called_a_stopped_sidecar(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Starting one would not help; how an address is written does."""
    monkeypatch.setenv("DESKSIDE_SIDECAR_ADDRESS", address)
    assert run(["status"]) == 1
    said = capsys.readouterr().err
    assert f"DESKSIDE_SIDECAR_ADDRESS is {address}: write it as HOST:PORT" in said
    assert "not running" not in said


@pytest.mark.parametrize(
    "words",
    [
        ["classify", "hello"],
        ["draft", "hello"],
        ["kb", "list"],
        ["tickets", "list"],
        ["status"],
        ["seed"],
    ],
)
def test_a_sidecar_that_is_not_there_is_said_at_once(
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Clients end with 1 and the command that starts it; no traceback."""
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("DESKSIDE_SIDECAR_ADDRESS", address)
    assert run(words) == 1
    said = capsys.readouterr()
    expected = f"The sidecar is not running at {address}. Start it: deskside up"
    assert said.err == f"Error: {expected}\n"
    assert said.out == ""
