"""The contract keeps Buf's rules, and a breaking change is noticed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import needs

PROTOS = needs.REPOSITORY / "protos"


def run_buf(*arguments: str | Path, cwd: Path = PROTOS) -> tuple[int, str]:
    """Run buf and return its exit status with what it printed."""
    done = subprocess.run(
        [needs.buf(), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_lint_and_format_are_clean() -> None:
    """STANDARD and COMMENTS find nothing, and the files are in Buf's format."""
    assert run_buf("lint") == (0, "")
    assert run_buf("format", "--diff", "--exit-code") == (0, "")


def test_no_rule_has_an_exception() -> None:
    """Neither buf.yaml nor a comment switches a rule off."""
    settings = (PROTOS / "buf.yaml").read_text()
    assert "except" not in settings.replace("No exceptions", "")
    assert "ignore" not in settings
    for path in PROTOS.rglob("*.proto"):
        assert "buf:lint:ignore" not in path.read_text(), path.name


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("string query = 1;", "string question = 1;", "FIELD_SAME_NAME"),
        ("int32 top_k = 4;", "int64 top_k = 4;", "FIELD_SAME_TYPE"),
        ("  RETRIEVAL_MODE_KEYWORD = 3;\n", "", "ENUM_VALUE_NO_DELETE"),
    ],
)
def test_a_breaking_change_is_noticed(
    tmp_path: Path, old: str, new: str, rule: str
) -> None:
    """Renaming, retyping or removing something that callers use fails the check."""
    shutil.copytree(PROTOS, tmp_path / "protos")
    arguments = ("breaking", "--against", PROTOS, "--error-format", "json")
    assert run_buf(*arguments, cwd=tmp_path / "protos") == (0, "")
    assist = tmp_path / "protos" / "sidecar" / "v1" / "assist.proto"
    before = assist.read_text()
    assert old in before
    assist.write_text(before.replace(old, new))
    status, said = run_buf(*arguments, cwd=tmp_path / "protos")
    assert status != 0
    assert rule in said
