"""A plugin that counts skips: with --strict-skips each must be an allowed one."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ALLOWED = Path(__file__).parent / "allowed_skips.txt"
FORBIDDEN = 6
"""The exit status of a forbidden skip; pytest's own end at 5."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of allowed_skips.txt: which tests may skip, and with which reason."""

    tests: str
    reason: str

    def covers(self, test: str, reason: str) -> bool:
        """Tell whether this line allows `test` to be skipped because of `reason`."""
        return fnmatchcase(test, self.tests) and fnmatchcase(reason, self.reason)


def read_allowed(text: str) -> list[Allowed]:
    """Parse "test pattern | reason pattern" lines; # starts a comment.

    Raises:
        ValueError: a line has no reason.
    """
    lines = []
    for line in text.splitlines():
        stated = line.split("#", 1)[0].strip()
        if not stated:
            continue
        tests, bar, reason = (part.strip() for part in stated.partition("|"))
        if not (tests and bar and reason):
            raise ValueError(f"allowed_skips.txt: give a reason after |: {line!r}")
        lines.append(Allowed(tests, reason))
    return lines


def forbidden(
    skipped: list[tuple[str, str]], allowed: list[Allowed]
) -> list[tuple[str, str]]:
    """Return the (test, reason) pairs that no line allows."""
    return [
        (test, reason)
        for test, reason in skipped
        if not any(line.covers(test, reason) for line in allowed)
    ]


class SkipCount:
    """Collects what was skipped and, when strict, fails the session for the rest."""

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._skipped: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one skip; a strict xfail is an expectation, not a skip."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skips itself as a whole."""
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def _note(self, test: str, why: object) -> None:
        # pytest gives (path, line, "Skipped: the reason").
        reason = str(why[2]) if isinstance(why, tuple) else str(why)
        self._skipped.append((test, reason.removeprefix("Skipped: ")))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a session with forbidden skips, by a status no failed test has."""
        if self._strict and self._forbidden():
            session.exitstatus = FORBIDDEN

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Name the skips that are not allowed, and the allowed ones not needed."""
        if not self._strict:
            return
        for test, reason in self._forbidden():
            terminalreporter.write_line(f"SKIP NOT ALLOWED {test}: {reason}", red=True)
        for line in read_allowed(ALLOWED.read_text()):
            if not any(line.covers(*skip) for skip in self._skipped):
                terminalreporter.write_line(
                    f"allowed skip not needed: {line.tests} | {line.reason}"
                )

    def _forbidden(self) -> list[tuple[str, str]]:
        return forbidden(self._skipped, read_allowed(ALLOWED.read_text()))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --strict-skips, which `make test` gives."""
    parser.addoption(
        "--strict-skips",
        action="store_true",
        help="fail when a test is skipped that tests/allowed_skips.txt does not allow",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    strict = bool(config.getoption("--strict-skips"))
    config.pluginmanager.register(SkipCount(strict), "skip-count")
