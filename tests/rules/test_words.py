"""What must not be found in any file: leavings, machines, secrets."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tests.rules.source import ROOT, tracked

# Written so that this file does not contain them.
UNFINISHED = re.compile(r"\b(T[O]DO|FIX[M]E|XX[X]|HA[C]K)\b")
# A path of somebody's home is true on one machine only.
MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|Users|root)/[a-z][\w.-]*")
SECRET = re.compile(
    r"\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{24,}|xox[bap]-\d{6,}-[\w-]{10,}"
    r"|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,})"
)
INDEX = re.compile(r"(?i)--(extra-)?index-url|--find-links|https?://|file:")
# Data may hold any word a customer wrote; the lock is checked on its own below.
DATA = ("tests/data/", "sidecar/sample/")
BINARY = {".pdf", ".docx", ".png", ".ico", ".onnx", ".woff2", ".gz", ".zip"}


def _texts() -> dict[str, str]:
    return {
        path: (ROOT / path).read_text(errors="replace")
        for path in tracked()
        if PurePosixPath(path).suffix not in BINARY and not path.startswith(DATA)
    }


def _found(pattern: re.Pattern[str], *, suffix: str = "") -> list[str]:
    return [
        f"{path}: {match.group()}"
        for path, text in _texts().items()
        if path.endswith(suffix)
        for match in pattern.finditer(text)
    ]


def test_nothing_is_left_for_later() -> None:
    """Unfinished work is an issue, not a note in the code."""
    assert _found(UNFINISHED) == []


def test_no_path_of_one_machine_is_written_down() -> None:
    """Nothing depends on the home folder of whoever wrote it."""
    assert _found(MACHINE) == []


def test_no_secret_is_written_down() -> None:
    """No file holds what looks like a real key or token."""
    assert _found(SECRET) == []


def test_lock_files_name_packages_and_hashes_only() -> None:
    """A lock installs from whichever index its user has: it names none."""
    assert _found(INDEX, suffix=".lock") == []
