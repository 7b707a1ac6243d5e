"""The committed Python is what the protos say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.needs import REPOSITORY

GENERATED = REPOSITORY / "sidecar" / "v1"


def test_generated_code_is_fresh(tmp_path: Path) -> None:
    """Generating again gives the committed files, byte for byte, and no other."""
    subprocess.run(
        [REPOSITORY / "protos" / "generate.sh", tmp_path],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
    )
    fresh = {path.name: path.read_bytes() for path in tmp_path.glob("sidecar/v1/*")}
    committed = {
        path.name: path.read_bytes()
        for path in GENERATED.iterdir()
        if path.is_file() and path.name != "__init__.py"
    }
    assert fresh.keys() == committed.keys()
    stale = [name for name in fresh if fresh[name] != committed[name]]
    assert not stale, "run `make protos`"
