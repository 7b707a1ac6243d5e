"""`make test` asks the few tests that failed once more, and hides no failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "second_look.py"
ONCE = """
from pathlib import Path

def test_{name}():
    flag = Path("{name}.flag")
    first = not flag.exists()
    flag.touch()
    assert not first
"""
ALWAYS = "def test_{name}():\n    raise AssertionError\n"
FINE = "def test_{name}():\n    pass\n"


def look(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run the script over a file of such tests, in a folder of its own."""
    made = "".join(text.format(name=f"t{n}") for n, text in enumerate(tests))
    (folder / "test_made.py").write_text(made)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, str(SCRIPT), sys.executable, "-m", "pytest", "-q"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=50, check=False
    )


def test_what_passes_alone_passes_and_is_named(tmp_path: Path) -> None:
    """A failure that does not come again is told, and does not fail the run."""
    done = look(tmp_path, ONCE, FINE)
    assert done.returncode == 0
    assert "PASSED ONLY ALONE test_made.py::test_t0" in done.stdout


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    """One that fails again decides, whatever the others do."""
    done = look(tmp_path, ONCE, ALWAYS, FINE)
    assert done.returncode == 1
    assert "PASSED ONLY ALONE test_made.py::test_t0" in done.stdout
    assert "FAILED TWICE test_made.py::test_t1" in done.stdout


def test_many_failures_are_not_asked_again(tmp_path: Path) -> None:
    """Four tests that would pass the second time: the run has failed."""
    done = look(tmp_path, ONCE, ONCE, ONCE, ONCE)
    assert done.returncode == 1
    assert "once more" not in done.stdout


@pytest.mark.parametrize(
    ("text", "status"), [("import nothing_of_that_name\n", 2), ("", 5)]
)
def test_other_bad_ends_stay(tmp_path: Path, text: str, status: int) -> None:
    """A file that cannot be imported, and a run without tests, keep their status."""
    assert look(tmp_path, text).returncode == status
