"""Sources that say different numbers about the same thing.

Two statements of different documents contradict when they speak in nearly the same
words (shared stems ≥ 0.5 of the smaller and ≥ 3) about numbers of the same unit and
share none of those numbers: "within 30 days" against "within 14 days".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidecar.domain.knowledge import Passage
from sidecar.domain.stems import stem
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.words import fold

_AMOUNT = re.compile(
    r"(?P<sign>[€$£])?[ ]?(?P<number>\d+(?:[.,]\d+)*)[ -]?"
    r"(?P<unit>%|[€$£]|(?:business|working|calendar|werk|arbeits)?[ -]?[^\W\d_]+)?"
)
_LEAST_SHARED = 3
_SHARE = 0.5


def contradictions(
    used: Sequence[Unit], others: Sequence[Unit], passages: Sequence[Passage]
) -> list[tuple[Unit, Unit]]:
    """Return pairs (used, other) that contradict each other."""
    found = []
    amounts = {id(u): _amounts(u.text) for u in (*used, *others)}
    stems = {id(u): _subject(u.text) for u in (*used, *others)}
    for one in used:
        mine = amounts[id(one)]
        if not mine:
            continue
        for other in others:
            if _document(one, passages) == _document(other, passages):
                continue
            if not _same_subject(stems[id(one)], stems[id(other)]):
                continue
            theirs = amounts[id(other)]
            if any(mine[u].isdisjoint(theirs[u]) for u in mine.keys() & theirs.keys()):
                found.append((one, other))
    return found


def _document(unit: Unit, passages: Sequence[Passage]) -> str:
    return passages[unit.passage].document_id


def _subject(text: str) -> set[str]:
    return {s for s in content_stems(text) if not s.isdigit()}


def _same_subject(one: set[str], other: set[str]) -> bool:
    shared = len(one & other)
    return shared >= _LEAST_SHARED and shared >= _SHARE * min(len(one), len(other))


def _amounts(text: str) -> dict[str, set[str]]:
    """Return the numbers of a text by their unit; numbers without one are left out."""
    found: dict[str, set[str]] = {}
    for match in _AMOUNT.finditer(fold(text)):
        unit = (match["sign"] or match["unit"] or "").split()[-1:]
        if unit and unit[0]:
            number = match["number"].replace(",", ".")
            found.setdefault(stem(unit[0].strip("-")), set()).add(number)
    return found
