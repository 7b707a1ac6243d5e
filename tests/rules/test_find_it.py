"""docs/find_it.md answers "where is ...?" with paths that exist."""

from __future__ import annotations

import re

from tests.rules.source import ROOT

PAGE = ROOT / "docs/find_it.md"
QUESTIONS = 20
# A path is code with a slash or a file's ending: `sidecar/server.py`, `Makefile`.
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")


def test_the_page_answers_twenty_questions() -> None:
    """There are 20 questions, each ending in a question mark."""
    lines = PAGE.read_text().splitlines()
    assert len([line for line in lines if "?" in line and "`" in line]) >= QUESTIONS


def test_every_path_of_the_page_exists() -> None:
    """No answer points at a file that has moved."""
    paths = [found for found in PATH.findall(PAGE.read_text()) if "/" in found]
    assert len(paths) >= QUESTIONS
    assert [path for path in paths if not (ROOT / path).exists()] == []
