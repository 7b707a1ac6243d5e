"""The pages made from code say what the code says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from sidecar.settings import Settings, environment_name
from tests.needs import REPOSITORY

DOCS = REPOSITORY / "docs"


@pytest.mark.parametrize("name", ["configuration", "cli"])
def test_the_page_is_fresh(name: str) -> None:
    """Generating the page again changes nothing."""
    made = runpy.run_path(str(DOCS / f"generate_{name}.py"))["render"]()
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert page == made, f"run: .venv/bin/python docs/generate_{name}.py"


def test_the_page_names_every_variable_of_the_code() -> None:
    """Whatever the product reads from its environment stands on the page."""
    read = set()
    for package in ("sidecar", "connectors", "plugin_ui"):
        for path in (REPOSITORY / package).rglob("*.py"):
            read |= set(re.findall(r"DESKSIDE_[A-Z_]+[A-Z]", Path(path).read_text()))
    page = (DOCS / "configuration.md").read_text()
    named = set(re.findall(r"\b(?:DESKSIDE|OPENAI|ANTHROPIC)_[A-Z_]+[A-Z]", page))
    assert {environment_name(name) for name in Settings.model_fields} <= named
    assert read - named == set()
