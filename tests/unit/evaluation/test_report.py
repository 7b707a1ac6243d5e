"""The table of rows, the page made of it, and the command that measures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sidecar.evaluation import report
from sidecar.evaluation.desk import throwaway_desk
from sidecar.evaluation.figures import Figure
from sidecar.evaluation.measures import MEASURES, measure_named
from sidecar.evaluation.rows import ROWS, Row
from sidecar.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[3]
PAGE = REPOSITORY / "docs/quality.md"
SAMPLES = REPOSITORY / "tests/data/quality"


def test_every_row_has_one_name() -> None:
    """A name means one row, and is no measure's name unless that measure gives it."""
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) > 30


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_is_there_and_wanted(name: str) -> None:
    """What the table names can be loaded, and some row is measured by it."""
    assert callable(measure_named(name))
    assert any(row.measured_by == name for row in ROWS)


def test_the_page_is_the_one_the_table_makes() -> None:
    """docs/quality.md has the table's rows, tasks, targets and template today."""
    text = PAGE.read_text("utf-8")
    where = text.split("Last on ", 1)[1].split(".\n", 1)[0]
    assert report.page([], where, "", text) == text, (
        "run `deskside eval NAME --data FOLDER --markdown docs/quality.md`"
    )


def test_rows_not_measured_keep_their_line() -> None:
    """One row measured again leaves every other line of the page alone."""
    row = next(r for r in ROWS if r.name == "headline")
    figure = Figure("headline", row.measure, 31.25, 29.0, 33.5, 500)
    before = PAGE.read_text("utf-8")
    after = report.page([report.Result(row, figure)], "here", "2030-01-02", before)
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert (
        "| `deskside eval headline` | one-line headline | ROUGE-1 | 31.2 | 29.0–33.5 |"
        " 500 | ≥ 30.0 | met | 2030-01-02 |" in changed
    )
    others = [line for line in changed if line.startswith("| `deskside eval")]
    assert len(others) == 1


def test_a_row_whose_target_changed_is_not_measured_any_more() -> None:
    """A line judged by an older target does not stay in the page."""
    old = "| `deskside eval tone` | another task | macro F1 | .9 | | | ≥ .5 | met | |"
    lines = report.page([], "here", "", old).splitlines()
    [line] = [x for x in lines if x.startswith("| `deskside eval tone`")]
    assert "not measured" in line


@pytest.mark.parametrize(
    ("lower", "value", "met"),
    [
        (False, 0.9, True),
        (False, 0.8999, False),
        (True, 0.9, True),
        (True, 0.91, False),
    ],
)
def test_a_target_is_met_when_reached(lower: bool, value: float, met: bool) -> None:
    """The target itself counts as reached, in both directions."""
    row = Row("r", "m", (), "task", "share", 0.9, lower=lower)
    assert row.met(value) is met


@pytest.mark.parametrize(
    ("lower", "low", "value", "high", "verdict", "met"),
    [
        (False, 0.85, 0.91, 0.95, "met", True),
        (False, 0.85, 0.89, 0.90, "within", True),
        (False, 0.85, 0.88, 0.89, "missed", False),
        (True, 0.89, 0.91, 0.95, "within", True),
        (True, 0.91, 0.92, 0.95, "missed", False),
    ],
)
def test_an_interval_that_reaches_the_target_is_said_so(
    lower: bool, low: float, value: float, high: float, verdict: str, met: bool
) -> None:
    """Figure, interval or neither: three words, and only the last is a failure."""
    row = Row("r", "m", (), "task", "share", 0.9, lower=lower)
    result = report.Result(row, Figure("r", "share", value, low, high, 100))
    assert (result.verdict, result.met) == (verdict, met)


def test_figures_read_as_print_does() -> None:
    """Shares lose their zero, points have one digit, small rates keep theirs."""
    share, rate = (
        Row("r", "m", (), "t", "share"),
        Row("r", "m", (), "t", "s", lower=True),
    )
    assert report.number(share, 0.9034) == ".903"
    assert report.number(share, -0.004) == "-.004"
    assert report.number(rate, 0.0012) == ".0012"
    assert report.number(Row("r", "m", (), "t", "ROUGE-1"), 23.14) == "23.1"


def test_a_measure_runs_on_a_sample_from_the_command_line(tmp_path: Path) -> None:
    """The command measures real data and says value, interval and items."""
    answer = _eval("headline", "--data", str(SAMPLES), "--json", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    [row] = json.loads(answer.stdout)["rows"]
    figure = row["figure"]
    assert figure["items"] == 12
    assert 5 < figure["low"] <= figure["value"] <= figure["high"] < 80


def test_data_that_is_missing_is_named(tmp_path: Path) -> None:
    """Nothing measured is exit status 1, with the path that is not there."""
    answer = _eval("language", "--data", str(tmp_path), folder=tmp_path)
    assert answer.returncode == 1
    assert "lingua_langid/samples.csv is not there" in answer.stdout


def test_an_unknown_name_is_wrong_use(tmp_path: Path) -> None:
    """A misspelt row is refused before anything is measured."""
    answer = _eval("langauge", "--data", str(tmp_path), folder=tmp_path)
    assert answer.returncode == 2
    assert "langauge" in answer.stderr
    assert "Did you mean language?" in answer.stderr


def test_a_measure_that_breaks_loses_no_other_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with its error; what the others gave is kept."""
    monkeypatch.setitem(MEASURES, "language", ("summaries", "no_such_function"))
    with throwaway_desk(Settings(data_dir=tmp_path, embedder="none")) as desk:
        rows = report.chosen(["language", "headline"])
        results = report.run(rows, SAMPLES, desk, lambda _: None)
    found = {result.row.name: result for result in results}
    assert found["headline"].figure
    assert "failed: AttributeError" in found["language-sentences"].missing


def test_two_commands_that_end_at_once_keep_each_others_rows(tmp_path: Path) -> None:
    """Each writes its row into the page that the other one has written."""
    page = tmp_path / "page.md"
    names = [row.name for row in ROWS[:12]]
    writers = [threading.Thread(target=_write, args=(page, name)) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = page.read_text("utf-8").splitlines()
    kept = [line for line in lines if "| 2030-01-02 |" in line]
    assert len(kept) == len(names)


def _write(page: Path, name: str) -> None:
    row = next(r for r in ROWS if r.name == name)
    figure = Figure(name, row.measure, 0.5, 0.4, 0.6, 100)
    report.write_page(page, [report.Result(row, figure)], "here", "2030-01-02")


def test_rows_are_listed_for_programs_too(tmp_path: Path) -> None:
    """`--list --json` gives names, targets and what was tried."""
    answer = _eval("--list", "--json", folder=tmp_path)
    rows = json.loads(answer.stdout)["rows"]
    assert [row["name"] for row in rows] == [row.name for row in ROWS]


def test_a_row_a_release_stands_on_has_a_target() -> None:
    """A row in bold without a target could never be missed."""
    must = [row for row in ROWS if row.must]
    assert must
    assert all(row.target is not None for row in must)


def _eval(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {"DESKSIDE_EMBEDDER": "none", "DESKSIDE_DATA_DIR": str(folder / "d")}
    return subprocess.run(
        [sys.executable, "-m", "sidecar.cli.main", "eval", *arguments],
        env={**os.environ, **settings},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
