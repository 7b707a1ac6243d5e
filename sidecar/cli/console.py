"""How results reach people and programs: tables on a terminal, plain text in a pipe.

Texts of tickets and documents are strangers' texts: control characters are removed
before they reach a terminal, where they could move the cursor or colour the screen.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# C0 and C1 controls but newline and tab, and the marks that turn reading direction.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_RESULT = "result_json"
_TEXTS = ("subject", "resolution", "title", "note")
# A cell with so many spaces is a text; it may be folded down to this width.
_SENTENCE = 3
_LEAST_TEXT = 12
_GAP = 3
_WORD_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def json_option(command: Decorated) -> Decorated:
    """Give a command the option ``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document instead."
    )(command)


def clean(text: object) -> str:
    """Return the text without characters that could command a terminal."""
    return _CONTROL.sub("", str(text).replace("\r\n", "\n"))


def one_line(text: object, width: int = 0) -> str:
    """Return the text on one line, shortened to ``width`` characters (0: never)."""
    line = " ".join(clean(text).split())
    return f"{line[: width - 1]}…" if width and len(line) > width else line


def on_terminal() -> bool:
    """Say whether a person reads standard output."""
    return sys.stdout.isatty()


def say(text: object = "") -> None:
    """Print a line of the result."""
    print(clean(text))


def note(text: object) -> None:
    """Tell the person something that is not part of the result."""
    print(clean(text), file=sys.stderr, flush=True)


def as_dict(message: Message) -> dict[str, Any]:
    """Return the answer as JSON values, with the contract's own field names.

    Only a job's ``result_json`` is opened and called ``result``.
    """
    from google.protobuf.json_format import MessageToDict

    values: dict[str, Any] = MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
    return _opened(values)


def _opened(values: dict[str, Any]) -> dict[str, Any]:
    """Put the JSON that a job brought as bytes in its place, readable."""
    for name, value in list(values.items()):
        if name == _RESULT:
            brought = base64.b64decode(values.pop(name))
            values["result"] = json.loads(brought) if brought else None
        else:
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    _opened(inner)
    return values


def show_json(value: Message | dict[str, Any]) -> None:
    """Print the one JSON document."""
    if not isinstance(value, dict):
        value = as_dict(value)
    print(json.dumps(value, ensure_ascii=False, indent=2))


def word(message: Message, field: str) -> str:
    """Return an enum's value in a word: SENTIMENT_ANGRY → "angry"."""
    enum = message.DESCRIPTOR.fields_by_name[field].enum_type
    assert enum is not None, f"{field} is no enum"
    found = enum.values_by_number.get(getattr(message, field))
    if found is None:
        return "unknown"
    prefix = _WORD_EDGE.sub("_", enum.name).upper() + "_"
    return str(found.name).removeprefix(prefix).lower().replace("_", " ")


def moment(stamp: Timestamp) -> str:
    """Return a time as people of all countries read it, in UTC."""
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M}" if stamp.seconds else ""


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows: a table on a terminal, aligned plain columns in a pipe."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    if on_terminal():
        _rich_table(columns, cells)
        return
    widths = [
        max(len(row[place]) for row in [list(columns), *cells])
        for place in range(len(columns))
    ]
    for row in [[name.upper() for name in columns], *cells]:
        pairs = zip(row, widths, strict=True)
        print("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())


def show_record(rows: Sequence[tuple[str, object]]) -> None:
    """Print labelled values, those without a value left out."""
    rows = [(label, clean(value)) for label, value in rows if str(value)]
    width = max((len(label) for label, _ in rows), default=0)
    for label, value in rows:
        first, *more = str(value).splitlines() or [""]
        print(f"{_bold(label.ljust(width))}  {first}")
        for line in more:
            print(f"{' ' * width}  {line}")


def show_heading(text: str) -> None:
    """Print a heading over what follows."""
    print(_bold(clean(text)))


def _bold(text: str) -> str:
    import os

    if not on_terminal() or os.environ.get("NO_COLOR"):
        return text
    return click.style(text, bold=True)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    needed = 0
    for place, name in enumerate(columns):
        cells = [name, *(row[place] for row in rows)]
        # What may be copied stays whole; texts give way.
        is_text = name in _TEXTS or any(cell.count(" ") >= _SENTENCE for cell in cells)
        widest = max(Text(cell).cell_len for cell in cells)
        least = min(widest, _LEAST_TEXT) if is_text else widest
        needed += least + _GAP
        table.add_column(name, overflow="fold", no_wrap=not is_text, min_width=least)
    if needed - _GAP > console.width:
        _rows_as_records(columns, rows)
        return
    for row in rows:
        # Text, not a string: square brackets in it are no markup.
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _rows_as_records(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print one row below the other: the window is too narrow for a table."""
    for row in rows:
        print()
        show_record(list(zip(columns, row, strict=True)))
