"""docs/api.md says what the protos say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.needs import REPOSITORY

PAGE = REPOSITORY / "docs" / "api.md"


def test_page_is_fresh(tmp_path: Path) -> None:
    """Generating the page again changes nothing."""
    fresh = tmp_path / "api.md"
    program = (
        "import runpy, sys, pathlib;"
        "made = runpy.run_path(sys.argv[1]);"
        "text = made['render'](made['describe']());"
        "pathlib.Path(sys.argv[2]).write_text(text, encoding='utf-8')"
    )
    script = REPOSITORY / "docs" / "generate_api.py"
    subprocess.run([sys.executable, "-c", program, script, fresh], check=True)
    assert fresh.read_bytes() == PAGE.read_bytes(), "run `make protos`"


def test_every_link_on_the_page_has_its_heading() -> None:
    """No link leads nowhere, and no two headings share an anchor."""
    text = PAGE.read_text(encoding="utf-8")
    headings = [
        line.lstrip("#").strip().lower().replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    ]
    assert len(headings) == len(set(headings))
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert links
    assert links <= set(headings)
