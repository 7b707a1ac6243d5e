"""Tables in passages, read by rows.

A row is about its key, the first cell. It answers only who gives the key's code, or
uses the key's own words ("Cutter", "LabelMate L40"); the other rows are about others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sidecar.domain.ranking import error_codes
from sidecar.llm.local.features import content_stems

_FENCED = re.compile(r"[ \t]*\|.+\|[ \t]*$")
_BAR = re.compile(r"\S[ \t]+\|[ \t]+\S")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*$")
_KEYS = re.compile(r"[,;/]")
# "see below" leads nowhere in a reply.
_SEE = re.compile(r",? (?:see|siehe|voir|véase|ver|vedi) [\w ]{3,20}\Z")
_NARROW = 3
"""Cells up to which a row speaks for itself; wider ones need the header's words."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells, and the cells of the table's first row."""

    cells: tuple[str, ...]
    header: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the row is about."""
        return self.cells[0]

    def sentence(self) -> str:
        """Return the row in the table's words: "E-57: antenna fault – hardware"."""
        key, *rest = self.cells
        if len(self.cells) > _NARROW:
            named = zip(self.header[1:], rest, strict=True)
            return f"{key}: " + "; ".join(f"{n} {c}" for n, c in named if c)
        told = (_SEE.sub("", cell) for cell in rest)
        return f"{key}: " + " – ".join(cell for cell in told if cell)


def table_rows(lines: Sequence[str]) -> dict[int, Row | None]:
    """Return the lines that belong to tables by number; None for headers and rules.

    A bar alone makes no row ("sort names | uniq" is a command): a table is a run of at
    least two lines of as many cells, and the first one is its header.
    """
    cells = [_cells(line) for line in lines]
    found: dict[int, Row | None] = {}
    start = 0
    while start < len(cells):
        end = start + 1
        while (
            cells[start] and end < len(cells) and len(cells[end]) == len(cells[start])
        ):
            end += 1
        if end - start > 1:
            found[start] = None
            for at in range(start + 1, end):
                is_rule = bool(_RULE.match(lines[at]))
                found[at] = None if is_rule else Row(cells[at], cells[start])
        start = end
    return found


def _cells(line: str) -> tuple[str, ...]:
    if not (_FENCED.match(line) or _BAR.search(line)):
        return ()
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def asked_for(key: str, asked_codes: AbstractSet[str], asked: AbstractSet[str]) -> bool:
    """Say whether a row's key is what the customer names, in codes or in stems."""
    if own := error_codes(key):
        return not own.isdisjoint(asked_codes)
    parts = [set(content_stems(part)) for part in _KEYS.split(key)]
    return any(part and part <= asked for part in parts)
