"""Labelled texts from a CSV file; a wrong line is named by its number."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from sidecar.cli.console import one_line

Row = tuple[str, list[str]]

_MOST_TEXTS = 200_000
_LONGEST_TEXT = 10_000
_LONGEST_LABEL = 100
_LONGEST_CELL = 10 * 1024 * 1024


def read_rows(path: Path, *, several: bool) -> list[Row]:
    """Return texts with their labels; a wrong line is named by its number."""
    rows: list[Row] = []
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in _lines(path, file):
                rows.append(_row(path, line, row, several=several))
                if len(rows) > _MOST_TEXTS:
                    most = f"at most {_MOST_TEXTS:,} texts can be learned from at once"
                    raise _wrong(path, line, most)
    except UnicodeDecodeError:
        what = "is not UTF-8; save it as CSV in UTF-8"
        raise _wrong(path, len(rows) + 2, what) from None
    except csv.Error as error:
        raise _wrong(path, len(rows) + 2, f"is no CSV: {error}") from None
    if not rows:
        raise _wrong(path, 2, "there are no texts")
    if len({label for _, labels in rows for label in labels}) < 2:
        raise _wrong(path, 2, "all texts have one label; at least two are needed")
    return rows


def _lines(path: Path, file: TextIO) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yield each row with its line; commas, or what Excel writes in other countries."""
    first = file.readline()
    mark = next((m for m in ",;\t" if m in first), ",")
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=mark))]
    if not {"text", "label"} <= set(names):
        found = ", ".join(one_line(name, 30) for name in names[:6])
        what = f"needs the columns text and label (found: {found or 'nothing'})"
        raise _wrong(path, 1, what)
    reader = csv.DictReader(file, names, delimiter=mark, strict=True)
    for row in reader:
        yield reader.line_num + 1, row


def _row(path: Path, line: int, row: dict[str, str | None], *, several: bool) -> Row:
    text, label = row["text"], row["label"]
    if text is None or label is None:
        raise _wrong(path, line, "has fewer columns than the first line")
    if not text.strip():
        raise _wrong(path, line, "the text is empty")
    if len(text) > _LONGEST_TEXT:
        raise _wrong(path, line, f"the text is longer than {_LONGEST_TEXT} characters")
    names = label.split(";") if several else [label]
    found = [name.strip() for name in names if name.strip()]
    if not found and not several:
        raise _wrong(path, line, "the label is empty")
    if any(len(name) > _LONGEST_LABEL for name in found):
        wanted = f"a label is longer than {_LONGEST_LABEL} characters"
        raise _wrong(path, line, wanted)
    return text, found


def _wrong(path: Path, line: int, what: str) -> click.ClickException:
    return click.ClickException(f"{path}, line {line}: {what}.")
