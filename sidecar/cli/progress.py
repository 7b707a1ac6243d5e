"""A progress bar on standard error, where a person sees it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sidecar.cli.console import one_line


class Progress(Protocol):
    """Shows how far a long command is."""

    def step(self, label: str) -> None:
        """One unit of work is done."""


class _Silent:
    def step(self, label: str) -> None:
        pass


@contextmanager
def progress_bar(total: int, verb: str) -> Iterator[Progress]:
    """Show a bar on standard error while it is a terminal; nothing in a pipe."""
    if not sys.stderr.isatty() or total < 2:
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn())
    label = TextColumn("{task.fields[label]}", markup=False)
    with Bar(*columns, label, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(verb, total=total, label="")

        class _Shown:
            def step(self, label: str) -> None:
                bar.update(task, advance=1, label=one_line(label, 40))

        yield _Shown()
