"""Runs the benchmarks one after another and says which limits are kept.

    python -m tests.bench [NAME ...] [--write] [--json OUT] [options of the scripts]

Without a name all of them. ``--write`` puts the table and the figures into
docs/performance.md, between its two marks.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.measuring import machine

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_VERDICTS = {"kept": "met", "MISSED": "**missed**"}

Reports = dict[str, dict[str, Any]]


def names() -> list[str]:
    """Return the names of all benchmarks."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def run(name: str, options: list[str], folder: Path) -> dict[str, Any]:
    """Run one benchmark; return its report with what it took and how it ended."""
    print(f"== bench_{name}", flush=True)
    out = folder / f"{name}.json"
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.bench_{name}", "--json", out, *options],
        check=False,
    )
    report: dict[str, Any] = json.loads(out.read_text()) if out.exists() else {}
    failed = done.returncode != 0 and not report.get("limits")
    return report | {
        "seconds": round(time.monotonic() - began),
        "ended": "failed" if failed else "done" if out.exists() else "skipped",
    }


def table(reports: Reports) -> str:
    """Return the limits of all reports as a table in Markdown."""
    lines = [
        "| limit | measured | allowed | | load before – after |",
        "|---|---|---|---|---|",
    ]
    for name, report in reports.items():
        before = report.get("machine", {}).get("load", "")
        load = f"{before} – {report.get('load after', '')}"
        for limit, verdict in report.get("limits", {}).items():
            said, _, figures = verdict.partition(": ")
            measured, _, allowed = figures.partition(" of ")
            row = (limit, measured, allowed, _VERDICTS[said], load)
            lines.append(f"| {' | '.join(row)} |")
        if report["ended"] != "done":
            lines.append(f"| bench_{name} | – | – | {report['ended']} | |")
    return "\n".join(lines)


def page(reports: Reports, command: str) -> str:
    """Return what stands between the marks of docs/performance.md."""
    where = machine()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    seconds = sum(report["seconds"] for report in reports.values())
    taken = (
        f"`{command}` on {where['date']} at commit `{commit}`: {where['cpu']},"
        f" {where['cores']} cores, {where['memory_mb'] >> 10} GB, Python"
        f" {where['python']}; {seconds // 60} minutes."
    )
    parts = [taken, table(reports)]
    for name, report in reports.items():
        kept = {
            key: value
            for key, value in report.items()
            if key not in ("machine", "limits", "seconds", "ended", "load after")
        }
        if kept:
            parts.append(f"### bench_{name}\n\n{_figures(kept)}")
    return "\n\n".join(parts)


def _figures(report: dict[str, Any]) -> str:
    lines = []
    for title, part in report.items():
        if not isinstance(part, dict):
            lines.append(f"- {title}: {part}")
            continue
        lines += ["", f"{title}:", ""]
        for name, value in part.items():
            if isinstance(value, dict):
                value = ", ".join(f"{key} {one}" for key, one in value.items())
            lines.append(f"- {name}: {value}")
    return "\n".join(lines).strip()


def write(text: str) -> None:
    """Replace what stands between the marks."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} lacks its marks")
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Run from the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help="which; else all")
    options.add_argument("--write", action="store_true", help="renew the page")
    options.add_argument("--json", type=Path, help="write all figures here")
    wanted, passed_on = options.parse_known_args()
    if unknown := set(wanted.names) - set(names()):
        options.error(f"there is no {', '.join(sorted(unknown))}: {', '.join(names())}")
    reports: Reports = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted.names or names():
            reports[name] = run(name, passed_on, Path(scratch))
    print(table(reports))
    if wanted.json:
        wanted.json.write_text(json.dumps(reports, indent=2) + "\n")
    if wanted.write:
        write(page(reports, "make bench BENCH_ARGS=--write"))
    verdicts = table(reports)
    return int(any(word in verdicts for word in ("missed", "failed")))


if __name__ == "__main__":
    raise SystemExit(main())
