"""What README and quickstart tell people to do works as written.

Every block is one of three kinds: ``console`` blocks are run, command by command, and
``python`` blocks as programs, beside a started demo; ``sh`` blocks name a target of
the Makefile or a command of ours.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.cli.main import deskside
from tests.flow.cli_house import House, house, running
from tests.needs import REPOSITORY

PAGES = ("README.md", "docs/quickstart.md")
_BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_DEFAULT_PORTS = {"127.0.0.1:50051": "SIDECAR", "127.0.0.1:8080": "PANEL"}


def _blocks(page: str, kind: str) -> list[str]:
    found = _BLOCK.findall((REPOSITORY / page).read_text(encoding="utf-8"))
    return [text for language, text in found if language == kind]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run the demo in a folder like a fresh clone's, on free ports."""
    place = house(tmp_path_factory.mktemp("clone"))
    del place.environment["DESKSIDE_DATA_DIR"]  # the default is what people have
    (place.folder / ".venv").symlink_to(sys.prefix)
    with running(place, "up", "--demo") as up:
        up.wait_for("tickets are there")
        yield place


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page_works(page: str, demo: House) -> None:
    """The page's commands, typed one after the other, all end with 0."""
    commands = [
        line.removeprefix("$ ")
        for block in _blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert commands
    done = subprocess.run(
        ["bash", "-e", "-x", "-c", "\n".join(commands)],
        cwd=demo.folder,
        env=demo.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_program_of_the_page_works(page: str, demo: House) -> None:
    """The page's Python answers with a category and a priority."""
    programs = _blocks(page, "python")
    assert programs
    for program in programs:
        for default, name in _DEFAULT_PORTS.items():
            real = demo.environment[f"DESKSIDE_{name}_ADDRESS"]
            program = program.replace(default, real)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=demo.folder,
            env=demo.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert re.search(r"^[a-z_]+ \d+$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_other_commands_of_the_page_exist(page: str) -> None:
    """What is not run here is a target of the Makefile or a command of ours."""
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for line in "".join(_blocks(page, "sh")).splitlines():
        words = re.sub(r"#.*|[A-Z_]+=\S+", "", line).split()
        assert words[0] in ("make", "deskside"), line
        assert words[1] in (targets if words[0] == "make" else deskside.commands), line
    assert not _blocks(page, "bash")


@pytest.mark.parametrize("page", [*PAGES, "docs/configuration.md", "docs/cli.md"])
def test_links_of_the_page_lead_somewhere(page: str) -> None:
    """Every relative link is a file of the project."""
    here = (REPOSITORY / page).parent
    links = _LINK.findall((REPOSITORY / page).read_text(encoding="utf-8"))
    missing = [
        link
        for link in links
        if "://" not in link and not Path(here / link).resolve().exists()
    ]
    assert missing == []


def test_the_readme_is_short() -> None:
    """One sentence first, one picture, two commands to begin with."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert text.count("](docs/screenshots/") == 1
    assert [
        line.split("#")[0].strip()
        for line in _blocks("README.md", "sh")[0].splitlines()
    ] == [
        "make run",
        "make test",
    ]
    assert text.count("\n") < 130
