"""`deskside keys`: what the list shows is what the other commands take."""

from __future__ import annotations

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
