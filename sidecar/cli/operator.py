"""Settings as an operator's command reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.cli.console import note

if TYPE_CHECKING:
    from sidecar.settings import Settings

_USUAL, _DEMO = "./.deskside", "./.deskside-demo"


def operator_settings() -> Settings:
    """Read the settings; where only the demo's folder is there, it is meant.

    Otherwise a command typed beside a running demo would quietly make a second
    deployment. Raises ``Misconfigured``.
    """
    from sidecar.settings import load_settings

    given = os.environ.get("DESKSIDE_DATA_DIR")
    if not given and not Path(_USUAL).exists() and Path(_DEMO).exists():
        note(
            f"Using {_DEMO}, the only data folder here (DESKSIDE_DATA_DIR is not set)."
        )
        return load_settings(data_dir=Path(_DEMO))
    if not given and Path(_USUAL).exists() and Path(_DEMO).exists():
        # A key made here would be refused by a demo that runs beside it.
        note(f"Using {_USUAL}, not {_DEMO}; DESKSIDE_DATA_DIR={_DEMO} uses the other.")
    return load_settings()
