"""The top level holds what the architecture gives it, and nothing else."""

from __future__ import annotations

import re
import tomllib

from tests.rules.source import ROOT, tracked

FOLDERS = {"protos", "sidecar", "connectors", "plugin_ui", "deploy", "tests", "docs"}
FILES = {
    *("pyproject.toml", "README.md", "LICENSE", "NOTICE", "Makefile", "CHANGELOG.md"),
    *("requirements.lock", "requirements-dev.lock"),
}
TEST_ROOMS = {
    *("unit", "contract", "flow", "rules", "browser", "bench", "storm"),
    *("data", "doubles", "tools"),
}


def test_the_top_level_holds_only_its_own() -> None:
    """Folders and files of the top level are the given ones, or dotfiles."""
    found = {path.split("/", 1)[0] for path in tracked()}
    strangers = {name for name in found if not name.startswith(".")}
    assert strangers, "nothing was looked at"
    assert strangers - FOLDERS - FILES == set()


def test_the_tests_lie_in_their_rooms() -> None:
    """A test belongs to a kind: unit, contract, flow, rules, browser or bench."""
    rooms = {path.split("/")[1] for path in tracked() if path.startswith("tests/")}
    folders = {room for room in rooms if "." not in room}
    assert folders, "nothing was looked at"
    assert folders - TEST_ROOMS == set()


def test_the_readme_names_commands_that_exist() -> None:
    """Every `make` command in README and docs is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    pages = [path for path in tracked() if path.endswith(".md")]
    assert "README.md" in pages
    for page in pages:
        text = (ROOT / page).read_text()
        code = re.findall(r"`make ([a-z-]+)|^\s*make ([a-z-]+)", text, re.MULTILINE)
        named = {inline or block for inline, block in code}
        # Prose may start a line with the verb; only code blocks and ticks count.
        if page == "README.md":
            assert {"run", "test"} <= named, page
        in_ticks = set(re.findall(r"`make ([a-z-]+)", text))
        assert in_ticks - targets == set(), page


def test_the_command_is_the_one_the_design_names() -> None:
    """One distribution, `deskside`, with one command of the same name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "deskside"
    assert project["scripts"] == {"deskside": "sidecar.cli.main:main"}
