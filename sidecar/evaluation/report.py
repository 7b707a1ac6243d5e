"""Runs measures and tells the result: as rows for a screen, as JSON, as the page.

A row that was not measured in this run keeps the line it has in the page, so that one
task can be measured again without the hour that all of them take.
"""

from __future__ import annotations

import fcntl
import logging
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure
from sidecar.evaluation.measures import MEASURES, Say, measure_named
from sidecar.evaluation.rows import ROWS, Row

log = logging.getLogger(__name__)

TEMPLATE = Path(__file__).resolve().parent / "page.md"
NOT_EXPLAINED = "not explained yet."
WITHIN, MISSED = "within", "missed"
BELOW = (WITHIN, MISSED)
_POINTS = "ROUGE"
_HEAD = (
    "| command | task | measure | now | 95 % | items | wanted | | measured |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: its figure, or why there is none."""

    row: Row
    figure: Figure | None
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Say whether figure or interval reaches the target; None without either."""
        if self.figure is None:
            return None
        return self.row.met(self.figure.low if self.row.lower else self.figure.high)

    @property
    def verdict(self) -> str:
        """Return a word or two for people: ``BELOW`` are those that want reasons."""
        if self.figure is None:
            return "not measured"
        if self.met is None:
            return ""
        if self.row.met(self.figure.value):
            return "met"
        return WITHIN if self.met else MISSED


def chosen(names: Sequence[str]) -> list[Row]:
    """Return the rows of these names, all when none is given.

    A name is a row's, a measure's or a data set's. Raises ``KeyError`` with the first
    name that is none of them.
    """
    for name in names:
        if not any(_is_called(row, name) for row in ROWS):
            raise KeyError(name)
    return [r for r in ROWS if not names or any(_is_called(r, n) for n in names)]


def _is_called(row: Row, name: str) -> bool:
    return name in (row.name, row.measured_by, *row.data)


def run(rows: Sequence[Row], data: Path, desk: Desk, say: Say) -> list[Result]:
    """Measure these rows, one measure after the other.

    A measure that delivers more rows than were asked for has them all reported.
    """
    found: dict[str, Figure] = {}
    missing: dict[str, str] = {}
    measures = list(dict.fromkeys(row.measured_by for row in rows))
    for name in measures:
        if name not in MEASURES:
            missing[name] = "no measure"
            continue
        begun = monotonic()
        say(f"{name} …")
        try:
            figures = measure_named(name)(data, desk, partial(_named, say, name))
        except FileNotFoundError as error:
            missing[name] = f"{error.filename} is not there"
            continue
        except Exception as error:
            # Half an hour of other rows must not be lost with this one.
            log.exception("%s failed", name)
            missing[name] = f"failed: {type(error).__name__}: {error}"
            continue
        found.update((figure.row, figure) for figure in figures)
        say(f"{name}: {monotonic() - begun:.0f} s")
    return [
        Result(row, found.get(row.name), missing.get(row.measured_by, ""))
        for row in ROWS
        if row.measured_by in measures
    ]


def _named(say: Say, name: str, text: str) -> None:
    say(f"{name}: {text}")


def machine(desk: Desk) -> str:
    """Say on what was measured."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, {desk.ports.embedder.model}"
    )


def as_json(results: Sequence[Result], where: str, day: str) -> dict[str, object]:
    """Return the report as JSON values."""
    rows = [
        {**asdict(r.row), "figure": _figure(r), "met": r.met, "missing": r.missing}
        for r in results
    ]
    return {"date": day, "machine": where, "rows": rows}


def _figure(result: Result) -> dict[str, object] | None:
    return asdict(result.figure) if result.figure else None


def number(row: Row, value: float) -> str:
    """Return a figure as people read it: points with one digit, shares with three."""
    if row.measure.startswith(_POINTS):
        return f"{value:.1f}"
    digits = 4 if row.lower and abs(value) < 0.01 and value else 3
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.{digits}f}")


def span(row: Row, figure: Figure) -> str:
    """Return the interval."""
    return f"{number(row, figure.low)}–{number(row, figure.high)}"


def wanted(row: Row) -> str:
    """Return the target with its direction; bold for the rows a release stands on."""
    if row.target is None:
        return ""
    text = f"{'≤' if row.lower else '≥'} {number(row, row.target)}"
    return f"**{text}**" if row.must else text


def page(results: Sequence[Result], where: str, day: str, before: str) -> str:
    """Return docs/quality.md; rows not measured now keep their lines of ``before``."""
    now = {r.row.name: r for r in results if r.figure}
    old = {name: line for line in before.splitlines() if (name := _name_in(line))}
    lines = [
        _line(now[row.name], day)
        if row.name in now
        else _fitting(row, old.get(row.name, ""))
        for row in ROWS
    ]
    below = [
        row
        for row, line in zip(ROWS, lines, strict=True)
        if any(f"| {word} |" in line for word in BELOW)
    ]
    tried = "\n".join(
        f"- **{row.name}** ({row.task}): {row.tried or NOT_EXPLAINED}" for row in below
    )
    text = TEMPLATE.read_text("utf-8")
    text = text.replace("{{table}}", "\n".join([_HEAD, *lines]))
    text = text.replace("{{tried}}", tried or "Every row that was measured is met.")
    return text.replace("{{machine}}", where)


def write_page(file: Path, results: Sequence[Result], where: str, day: str) -> None:
    """Renew the page; two commands that end at once do not lose each other's rows."""
    with file.open("a+", encoding="utf-8") as page_file:
        fcntl.flock(page_file, fcntl.LOCK_EX)
        page_file.seek(0)
        text = page(results, where, day, page_file.read())
        page_file.truncate(0)
        page_file.write(text)


def _name_in(line: str) -> str:
    match = re.match(r"\| `deskside eval ([\w-]+)` \|", line)
    return match[1] if match else ""


def _cells(row: Row) -> str:
    return f"| `deskside eval {row.name}` | {row.task} | {row.measure} |"


def _line(result: Result, day: str) -> str:
    row, figure = result.row, result.figure
    assert figure is not None, "only measured rows have a line of their own"
    return (
        f"{_cells(row)} {number(row, figure.value)} | {span(row, figure)} |"
        f" {figure.items:,} | {wanted(row)} | {result.verdict} | {day} |"
    )


def _fitting(row: Row, old: str) -> str:
    """Return the old line unless the row has changed since."""
    if old.startswith(_cells(row)) and f"| {wanted(row)} |" in old:
        return old
    return f"{_cells(row)} | | | {wanted(row)} | not measured | |"
