"""The lines of several processes on one screen: who, what, readable."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

import click

from sidecar.cli.console import clean

COLOURS = ("cyan", "magenta", "green", "blue")
_LEVELS = {"warning": "yellow", "error": "red", "critical": "red"}
_KNOWN = {"at", "level", "logger", "event"}
_WIDTH = 9


class Screen:
    """Writes lines with the name of the process in front; flushes each."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colours = self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._of: dict[str, str] = {}

    def line(self, name: str, text: str, colour: str = "") -> None:
        """Write one line of the process ``name``."""
        mine = self._of.setdefault(name, COLOURS[len(self._of) % len(COLOURS)])
        label = self._paint(f"{name:<{_WIDTH}}", mine)
        try:
            print(f"{label} {self._paint(clean(text), colour)}", file=self._stream)
            self._stream.flush()
        except BrokenPipeError:
            # Nobody reads any more; the processes go on.
            self._stream = open(os.devnull, "w")  # noqa: PTH123, SIM115 - no path, open to the end

    def output(self, name: str, raw: str) -> None:
        """Write a line that a process has written, a JSON log line made readable."""
        text, level = readable(raw)
        if text:
            self.line(name, text, _LEVELS.get(level, ""))

    def _paint(self, text: str, colour: str) -> str:
        return click.style(text, fg=colour) if colour and self._colours else text


def readable(raw: str) -> tuple[str, str]:
    """Return a log line for people, and its level; other lines as they are."""
    raw = raw.rstrip()
    if not raw.startswith("{"):
        return raw, ""
    try:
        fields: dict[str, Any] = json.loads(raw)
    except ValueError:
        return raw, ""
    if "event" not in fields:
        return raw, ""
    level = str(fields.get("level", ""))
    mark = f"{level}: " if level in _LEVELS else ""
    rest = " ".join(
        f"{name}={_short(value)}"
        for name, value in fields.items()
        if name not in _KNOWN and value not in ("", None)
    )
    return f"{mark}{fields['event']} {rest}".rstrip(), level


def _short(value: object) -> str:
    if isinstance(value, list):
        return str(value[-1]) if value else "-"
    return str(value)
