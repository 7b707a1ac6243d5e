"""The command ``deskside eval``: measure the answers on public data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sidecar.cli.console import clean, json_option, note, say, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.evaluation.report import Result
    from sidecar.evaluation.rows import Row


@click.command("eval")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with one folder for each data set.",
)
@click.option("--list", "listing", is_flag=True, help="Show what can be measured.")
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page here; rows not measured now keep their lines.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Fail when a row in bold is missed, its interval too.",
)
@json_option
def evaluate(
    names: tuple[str, ...],
    data: Path | None,
    listing: bool,
    markdown: Path | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Measure how good the answers are, on public data sets.

    Works in a desk of its own that is thrown away, never in your data. NAME is a row,
    a measure or a data set, as --list shows them; none means all. Intervals are 95 %.

    \b
    Examples:
      deskside eval --list
      deskside eval language tone --data DATA
      deskside eval --data DATA --markdown docs/quality.md

    Exit status: 0 measured, 1 nothing could be measured or, with --strict, a row in
    bold is missed, 2 wrong use.
    """
    from sidecar.evaluation import report

    try:
        rows = report.chosen(names)
    except KeyError as error:
        raise click.UsageError(_unknown(str(error.args[0]))) from None
    if listing:
        _list(rows, as_json=as_json)
        return
    if data is None:
        raise click.UsageError("say where the data is: --data FOLDER")
    results, where, day = _measure(names, data)
    if markdown is not None:
        report.write_page(markdown, results, where, day)
        note(f"{markdown} is written")
    if as_json:
        show_json(report.as_json(results, where, day))
    else:
        _show(results, where, day)
    if not any(r.figure for r in results):
        note(
            f"Nothing was measured. {data} needs one folder for each data set, named"
            " as deskside eval --list shows."
        )
    failed = strict and any(r.row.must and r.met is False for r in results)
    if failed or not any(r.figure for r in results):
        click.get_current_context().exit(1)


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    from sidecar.evaluation.rows import ROWS

    known = {n for r in ROWS for n in (r.name, r.measured_by, *r.data)}
    near = get_close_matches(name, sorted(known), 3)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"nothing is called {name!r}.{meant} --list shows what is there"


def _list(rows: Sequence[Row], *, as_json: bool) -> None:
    from dataclasses import asdict

    from sidecar.evaluation import report

    if as_json:
        show_json({"rows": [asdict(row) for row in rows]})
        return
    shown = [
        (
            r.name,
            r.task,
            f"{r.measure} {report.wanted(r).strip('*')}",
            ", ".join(r.data),
        )
        for r in rows
    ]
    show_table(("name", "task", "measure and target", "data"), shown)


def _measure(names: Sequence[str], data: Path) -> tuple[list[Result], str, str]:
    from sidecar.cli.operator import operator_settings
    from sidecar.evaluation import report
    from sidecar.evaluation.desk import throwaway_desk

    with throwaway_desk(operator_settings()) as desk:
        results = report.run(report.chosen(names), data, desk, _tell)
        day = f"{desk.ports.clock.now():%Y-%m-%d}"
        return results, report.machine(desk), day


def _tell(text: str) -> None:
    if not sys.stderr.isatty():
        # In a pipe or a log one line for each measure begun and ended is enough.
        if text.endswith((" …", " s")):
            note(text)
        return
    width = os.get_terminal_size(sys.stderr.fileno()).columns
    print(f"\r\x1b[K{clean(text)[: width - 1]}", end="", file=sys.stderr, flush=True)


def _show(results: Sequence[Result], where: str, day: str) -> None:
    from sidecar.evaluation import report

    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    say(f"{day}, {where}")
    rows = []
    for result in results:
        row, figure = result.row, result.figure
        now = report.number(row, figure.value) if figure else ""
        between = report.span(row, figure) if figure else ""
        items = f"{figure.items:,}" if figure else ""
        target = report.wanted(row).strip("*")
        verdict = result.missing or result.verdict
        rows.append((row.name, row.measure, now, between, items, target, verdict))
    show_table(("name", "measure", "now", "95 %", "items", "wanted", ""), rows)
    for result in results:
        if result.figure and result.figure.note:
            say(f"{result.row.name}: {result.figure.note}")
        if result.verdict in report.BELOW and result.row.tried:
            say(f"{result.row.name}, tried: {result.row.tried}")
