"""`deskside keys`: what the list shows is what the other commands take."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from sidecar.cli.main import run


def test_a_listed_key_can_be_revoked_by_what_is_listed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The identifier is shown whole, times to the minute."""
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DESKSIDE_EMBEDDER", "none")
    name = "reports-of-every-monday"
    assert run(["keys", "create", name, "--role", "viewer"]) == 0
    capsys.readouterr()
    assert run(["keys", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if name in line]
    assert run(["keys", "revoke", line.split()[0]]) == 0


def test_a_secret_elsewhere_that_cannot_be_written_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variable and the file are said, and the old secret stays."""
    secret = tmp_path / "secret.key"
    secret.write_text(base64.urlsafe_b64encode(b"k" * 32).decode() + "\n")
    before = secret.read_text()
    # Where the new file would be written there is a folder.
    (tmp_path / f".secret.key.{os.getpid()}").mkdir()
    monkeypatch.setenv("DESKSIDE_SECRET_KEY_FILE", str(secret))
    assert run(["keys", "rotate"]) == 1
    assert f"DESKSIDE_SECRET_KEY_FILE: cannot write {secret}" in capsys.readouterr().err
    assert secret.read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--connector", "nope"), "There is no connector nope, but "),
        (("--connector", "slack", "--role", "viewer"), "is for service keys"),
    ],
)
def test_a_key_of_nobody_is_not_made(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistyped connector, or one that the role ignores, is wrong use."""
    monkeypatch.setenv("DESKSIDE_DATA_DIR", str(tmp_path / "data"))
    assert run(["keys", "create", "x", *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
