"""docs/reliability.md cites tests, and each of them exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.rules.source import ROOT

PAGE = ROOT / "docs/reliability.md"
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = 40


@cache
def _tests(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text())
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef)
    )


def test_every_test_the_page_cites_exists() -> None:
    """A promise is worth the test behind it: none is renamed or deleted unnoticed."""
    cited = CITED.findall(PAGE.read_text())
    assert len(cited) >= ROWS
    assert [f"{path}::{name}" for path, name in cited if name not in _tests(path)] == []


def test_every_row_about_a_fault_cites_a_test() -> None:
    """No row of the tables headed "proved by" stands without proof."""
    rows, proving = [], False
    for line in PAGE.read_text().splitlines():
        if not line.startswith("|"):
            proving = False
        elif "| proved by |" in line:
            proving = True
        elif proving and not line.startswith("|---"):
            rows.append(line)
    assert len(rows) >= ROWS
    assert [row for row in rows if not CITED.search(row)] == []
