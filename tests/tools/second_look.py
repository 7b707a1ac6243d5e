"""Run pytest, and look once more, one at a time, at the few tests that failed.

The suite drives real servers against real clocks, three files at a time. A machine
that stands still for seconds can break a deadline no defect would break, so a test
that failed among the others is asked again when nothing else runs. A defect fails
twice; what passes only alone is named in the closing lines and is work for somebody.
Usage: second_look.py PYTHON -m pytest [ARGUMENT...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
SOME_TESTS_FAILED = 1
AT_MOST = 3
"""More failures than this are not the machine's."""


def failed_tests() -> list[str]:
    """Return the names of the tests that failed in the last run."""
    try:
        return sorted(json.loads(FAILED.read_text()))
    except FileNotFoundError:
        return []


def run(command: Sequence[str]) -> int:
    """Run the suite, its few failures once more, and return the exit status.

    Anything else that ends badly (a forbidden skip, a broken import) stays as it is.
    """
    first = subprocess.run([*command, "--cache-clear"], check=False).returncode
    failed = failed_tests()
    if first != SOME_TESTS_FAILED or not 0 < len(failed) <= AT_MOST:
        return first
    print(f"\nLooking once more, alone, at {len(failed)} that failed:", flush=True)
    alone = [*command, "--numprocesses", "0", "--last-failed"]
    second = subprocess.run(alone, check=False).returncode
    again = failed_tests()
    for test in failed:
        verdict = "FAILED TWICE" if test in again else "PASSED ONLY ALONE"
        print(f"{verdict} {test}")
    return second


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
