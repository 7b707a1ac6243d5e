"""A sidecar that starts while its database is away says so and leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers import free_port


def test_a_database_that_is_away_ends_the_start_with_one_line(tmp_path: Path) -> None:
    """Status 1, so that it is started again; no traceback, and no password."""
    place = f"mysql+pymysql://deskside:secret-word@127.0.0.1:{free_port()}/deskside"
    own = {
        "DESKSIDE_DATA_DIR": str(tmp_path / "data"),
        "DESKSIDE_DATABASE_URL": place,
        "DESKSIDE_SIDECAR_ADDRESS": f"127.0.0.1:{free_port()}",
        "DESKSIDE_EMBEDDER": "none",
    }
    done = subprocess.run(
        [sys.executable, "-m", "sidecar.server"],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "DATABASE_UNAVAILABLE" in said
    assert "Traceback" not in said
    assert "secret-word" not in said
