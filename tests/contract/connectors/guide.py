"""Does what docs/adding_a_connector.md says, in a copy of the repository.

A block that begins with a path is that file. Of a block with ``+``, those lines are
added below the lines that are shown, which must occur exactly once.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/adding_a_connector.md"
_PARTS = ("connectors", "docs", "plugin_ui", "protos", "sidecar", "tests")
_LEFT_OUT = shutil.ignore_patterns("__pycache__")


def blocks(kind: str) -> list[str]:
    """Return the page's fenced blocks of a language."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def follow(tree: Path) -> list[str]:
    """Copy the repository and do each step; return the paths that were touched."""
    for part in _PARTS:
        shutil.copytree(ROOT / part, tree / part, ignore=_LEFT_OUT)
    for name in ("pyproject.toml", "Makefile", "README.md", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    # The rules ask git which files there are.
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    touched = [_write(tree, block) for block in blocks("python")]
    touched += [_add(tree, block) for block in blocks("diff")]
    return sorted(set(touched))


def _write(tree: Path, block: str) -> str:
    first, _, text = block.partition("\n")
    path = first.removeprefix("# ")
    (tree / path).parent.mkdir(exist_ok=True)
    (tree / path).write_text(text)
    return path


def _add(tree: Path, block: str) -> str:
    first, *lines = block.splitlines()
    path = first.removeprefix("--- ")
    shown = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    added = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    before = (tree / path).read_text()
    assert before.count(shown) == 1, f"{path} has this not once:\n{shown}"
    (tree / path).write_text(before.replace(shown, shown + added))
    return path


def environment(tree: Path) -> dict[str, str]:
    """Return what makes Python run the copy, wherever it is started."""
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(tree)}


def run(tree: Path, *words: str) -> str:
    """Run a Python module in the copy and return what it said; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tree,
        env={**os.environ, **environment(tree)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout
