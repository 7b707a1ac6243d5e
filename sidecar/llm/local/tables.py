"""Which rows of a table answer: those whose first cell the customer names.

A row is about its key, the first cell. It answers only who gives the key's code, or
uses the key's own words ("Cutter", "LabelMate L40"); the other rows are about others.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit

_BAR = re.compile(r"[ \t]*\|[ \t]*")
_KEYS = re.compile(r"[,;/]")
# An error code such as E-57, CSV-104 or TW-5030; longer numbers are orders.
_CODE = re.compile(r"\b[a-z]{1,5}-\d{2,4}\b(?!-)", re.IGNORECASE)


def codes(text: str) -> frozenset[str]:
    """Return the error codes in a text, in capitals."""
    return frozenset(code.upper() for code in _CODE.findall(text))


def row_key(unit: Unit) -> str:
    """Return the first cell of a table's row, '' for what is no row."""
    if not unit.is_item or unit.step:
        return ""
    cells = _BAR.split(unit.quote.strip().strip("|"))
    return cells[0].strip() if len(cells) > 1 else ""


def asked_for(key: str, asked_codes: AbstractSet[str], asked: AbstractSet[str]) -> bool:
    """Say whether a row's key is what the customer names, in codes or in stems."""
    if own := codes(key):
        return not own.isdisjoint(asked_codes)
    parts = [set(content_stems(part)) for part in _KEYS.split(key)]
    return any(part and part <= asked for part in parts)
