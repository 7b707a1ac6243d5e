"""The rows of docs/quality.md, read from ``rows.toml``: task, data, measure, target."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent / "rows.toml"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what is measured on what, and when it counts as met.

    ``target`` is a share 0..1, or points for ROUGE; None where none is set. ``must``
    marks the rows a release stands on. ``tried`` says, for a row that misses, what was
    tried and what it gave.
    """

    name: str
    measured_by: str
    data: tuple[str, ...]
    task: str
    measure: str
    target: float | None = None
    must: bool = False
    lower: bool = False
    tried: str = ""

    def met(self, value: float) -> bool | None:
        """Say whether the value reaches the target; None where none is set."""
        if self.target is None:
            return None
        # A mean of floats may miss the number it prints as by its last bit.
        if self.lower:
            return value <= self.target + 1e-9
        return value >= self.target - 1e-9


def _row(fields: dict[str, Any]) -> Row:
    tried = " ".join(str(fields.pop("tried", "")).split())
    return Row(**{**fields, "data": tuple(fields["data"])}, tried=tried)


def load() -> tuple[Row, ...]:
    """Return every row in the page's order; a wrong key fails with its name."""
    return tuple(_row(row) for row in tomllib.loads(TABLE.read_text("utf-8"))["row"])


ROWS = load()
