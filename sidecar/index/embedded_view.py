"""What a process remembers of a partition so that a search needs no table scan.

A view belongs to one generation and is never changed: a search that holds one is
undisturbed by writes. About 70 bytes an entry are private to the process (48 of
them sign bits); the vectors themselves are mapped and shared.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.index.embedded_db import Partition
from sidecar.index.embedded_matrix import Matrix, Rows, Signs, pack_signs
from sidecar.index.port import IndexFilter, Vector

Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]

# A matrix of up to so many rows is multiplied whole, which beats picking rows; of a
# larger one, up to so many allowed rows are compared exactly, and above that the sign
# bits choose candidates first (docs/decisions/0002-vector-search.md has the figures).
WHOLE_ROWS = 16_384
EXACT_ROWS = 4_096
CANDIDATES = 2_048
CANDIDATES_PER_HIT = 16
_SQL_VARIABLES = 500
_ROWS_AT_A_TIME = 256

_COLUMNS = "slot, row, public, source, language, tags, model"


class Names:
    """Numbers for strings that many entries share; only ever grows."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._tag_sets: dict[str, int] = {}
        self._with_tag: defaultdict[str, list[int]] = defaultdict(list)

    def number(self, name: str) -> int:
        """Return the name's number, giving one to a new name."""
        return self._numbers.setdefault(name, len(self._numbers))

    def known(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of those names that any entry has."""
        return [self._numbers[name] for name in names if name in self._numbers]

    def tag_set_number(self, tags: str) -> int:
        """Return the number of a JSON list of tags, giving one to a new list."""
        found = self._tag_sets.get(tags)
        if found is None:
            found = self._tag_sets[tags] = len(self._tag_sets)
            for tag in json.loads(tags):
                self._with_tag[tag].append(found)
        return found

    def tag_sets_with(self, tags: Iterable[str]) -> list[int]:
        """Return the numbers of the lists that hold one of ``tags``."""
        return [number for tag in tags for number in self._with_tag.get(tag, ())]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One generation of a partition; every array has one element a slot."""

    partition: Partition
    names: Names
    rows: NDArray[np.int64]
    alive: Mask
    vectored: Mask
    public: Mask
    source: Codes
    language: Codes
    tag_set: Codes
    signs: Signs | None
    vectors: Rows | None = field(repr=False)

    def allowed(self, connection: sqlite3.Connection, where: IndexFilter) -> Mask:
        """Return which slots satisfy the filter; a new array."""
        mask = self.alive.copy()
        if where.public_only:
            mask &= self.public
        if where.sources:
            mask &= np.isin(self.source, self.names.known(where.sources))
        if where.languages:
            mask &= np.isin(self.language, self.names.known(where.languages))
        if where.tags:
            mask &= np.isin(self.tag_set, self.names.tag_sets_with(where.tags))
        groups = where.exclude_groups
        for start in range(0, len(groups), _SQL_VARIABLES):
            some = groups[start : start + _SQL_VARIABLES]
            marks = ",".join("?" * len(some))
            for (slot,) in connection.execute(
                "SELECT slot FROM entries WHERE partition = ?"  # noqa: S608 - marks only
                f" AND group_id IN ({marks})",
                (self.partition.id, *some),
            ):
                mask[slot] = False
        return mask

    def highest(
        self, points: NDArray[np.float64], mask: Mask | None, limit: int
    ) -> list[tuple[int, float]]:
        """Return (row, points) of the best ``limit`` slots that have any, best first.

        Of equal ones the older entry comes first.
        """
        slots = np.flatnonzero(points if mask is None else points * mask)
        scores = points[slots]
        best = best_first(scores, limit)
        rows = self.rows[slots[best]].tolist()
        return list(zip(rows, scores[best].tolist(), strict=True))

    def nearest(
        self, vector: Vector, mask: Mask, limit: int
    ) -> list[tuple[int, float]]:
        """Return (row, cosine) of the best ``limit`` slots in ``mask``, best first.

        Exact for a small matrix or few allowed slots; else exact among the candidates
        whose sign bits agree most with the query's.
        """
        if self.vectors is None or self.signs is None:
            return []
        slots = np.flatnonzero(mask & self.vectored)
        count = len(self.rows)
        if count <= WHOLE_ROWS:
            scores = _dot(self.vectors[:count], vector)[slots]
        else:
            if len(slots) > EXACT_ROWS:
                wanted = max(CANDIDATES, CANDIDATES_PER_HIT * limit)
                slots = self._agreeing(vector, slots, wanted)
            scores = _dot_some(self.vectors, slots, vector)
        scores = np.clip(scores, -1, 1)
        best = best_first(scores, limit)
        rows = self.rows[slots[best]].tolist()
        return list(zip(rows, scores[best].tolist(), strict=True))

    def picked(self, slots: Sequence[int | None], dimensions: int) -> Rows:
        """Return the vectors of slots; zeros for None and for what has none."""
        rows = np.zeros((len(slots), dimensions), np.float32)
        for at, slot in enumerate(slots):
            if self.vectors is not None and slot is not None and self.vectored[slot]:
                rows[at] = self.vectors[slot]
        return rows

    def _agreeing(
        self, vector: Vector, slots: NDArray[np.intp], wanted: int
    ) -> NDArray[np.intp]:
        assert self.signs is not None
        count = len(self.rows)
        distance = np.zeros(count, np.uint16)
        for plane, word in zip(self.signs, pack_signs(vector)[0], strict=True):
            distance += np.bitwise_count(plane ^ word)
        if len(slots) < count:
            distance = distance[slots]
        # A histogram finds the cut in one pass; sorting 100,000 costs more.
        at_most = np.cumsum(np.bincount(distance))
        cut = int(np.searchsorted(at_most, min(wanted, len(slots))))
        return slots[distance <= cut]


def best_first(scores: NDArray[np.floating[Any]], limit: int) -> NDArray[np.intp]:
    """Return where the ``limit`` highest scores stand; of equal ones the first."""
    some = np.arange(len(scores))
    if limit < len(scores):
        # Whoever is not below the last one that counts; sorting all costs more.
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        some = np.flatnonzero(scores >= least)
    order: NDArray[np.intp] = some[np.argsort(-scores[some], kind="stable")[:limit]]
    return order


def _dot(rows: Rows, vector: Vector) -> Rows:
    # Not ``@``: BLAS shares this among threads that wait for each other by spinning,
    # which takes 30 times as long as soon as the cores have other work (measured).
    product: Rows = np.einsum("ij,j->i", rows, vector)
    return product


def _dot_some(rows: Rows, slots: NDArray[np.intp], vector: Vector) -> Rows:
    # Picked rows are copies: a few at a time stay in the processor's cache (a third
    # faster), and sixteen searches at once do not hold megabytes each.
    scores = np.empty(len(slots), np.float32)
    for start in range(0, len(slots), _ROWS_AT_A_TIME):
        some = slots[start : start + _ROWS_AT_A_TIME]
        scores[start : start + len(some)] = _dot(rows[some], vector)
    return scores


def slots_of(
    connection: sqlite3.Connection, partition: Partition, entry_ids: Sequence[str]
) -> list[int | None]:
    """Return the slot of each entry, None for one that is not there."""
    found: dict[str, int] = {}
    for start in range(0, len(entry_ids), _SQL_VARIABLES):
        some = entry_ids[start : start + _SQL_VARIABLES]
        marks = ",".join("?" * len(some))
        found |= dict(
            connection.execute(
                "SELECT entry_id, slot FROM entries WHERE partition = ?"  # noqa: S608 - marks only
                f" AND entry_id IN ({marks})",
                (partition.id, *some),
            )
        )
    return [found.get(entry_id) for entry_id in entry_ids]


def load(
    connection: sqlite3.Connection,
    partition: Partition,
    old: View | None,
    matrix: Matrix | None,
    model: int | None,
) -> View:
    """Return the view of this transaction's generation, from ``old`` if it helps.

    ``model`` is the number of the current model, None when nothing was written with
    it. Raises ``MatrixMissing`` when the derived files must be made first.
    """
    if old is None or old.partition.epoch != partition.epoch:
        old = _empty(partition)
    first, end = old.partition.next_slot, partition.next_slot
    columns = _new_columns(connection, partition, old.names, first, model)
    alive = np.concatenate([old.alive, columns.alive])
    alive[_dead_since(connection, partition, old.partition.generation)] = False
    signs, vectors = old.signs, old.vectors
    if matrix is not None and model is not None:
        known = 0 if signs is None else first
        fresh = matrix.read_signs(known, end)
        signs = fresh if signs is None else np.concatenate([signs, fresh], axis=1)
        if vectors is None or len(vectors) < end:
            vectors = matrix.map_rows(end)
    return View(
        partition=partition,
        names=old.names,
        rows=np.maximum.accumulate(np.concatenate([old.rows, columns.rows])),
        alive=alive,
        vectored=np.concatenate([old.vectored, columns.vectored]),
        public=np.concatenate([old.public, columns.public]),
        source=np.concatenate([old.source, columns.source]),
        language=np.concatenate([old.language, columns.language]),
        tag_set=np.concatenate([old.tag_set, columns.tag_set]),
        signs=signs,
        vectors=vectors,
    )


def _empty(partition: Partition) -> View:
    start = Partition(partition.id, 0, partition.epoch, 0)
    return _blank(start, Names(), 0)


def _blank(partition: Partition, names: Names, count: int) -> View:
    def flags() -> Mask:
        return np.zeros(count, np.bool_)

    def codes() -> Codes:
        return np.zeros(count, np.int32)

    return View(
        partition=partition,
        names=names,
        rows=np.zeros(count, np.int64),
        alive=flags(),
        vectored=flags(),
        public=flags(),
        source=codes(),
        language=codes(),
        tag_set=codes(),
        signs=None,
        vectors=None,
    )


def _new_columns(
    connection: sqlite3.Connection,
    partition: Partition,
    names: Names,
    first: int,
    model: int | None,
) -> View:
    part = _blank(partition, names, partition.next_slot - first)
    for slot, row, public, source, language, tags, made_by in connection.execute(
        f"SELECT {_COLUMNS} FROM entries"  # noqa: S608 - a constant
        " WHERE partition = ? AND slot >= ? ORDER BY slot",
        (partition.id, first),
    ):
        at = slot - first
        part.rows[at] = row
        part.alive[at] = True
        part.vectored[at] = made_by is not None and made_by == model
        part.public[at] = public
        part.source[at] = names.number(source)
        part.language[at] = names.number(language)
        part.tag_set[at] = names.tag_set_number(tags)
    return part


def _dead_since(
    connection: sqlite3.Connection, partition: Partition, generation: int
) -> list[int]:
    return [
        slot
        for (slot,) in connection.execute(
            "SELECT slot FROM dead WHERE partition = ? AND generation > ?",
            (partition.id, generation),
        )
    ]
