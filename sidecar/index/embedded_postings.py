"""What each entry is worth for each word, kept as arrays instead of asked each time.

BM25 of several words is the sum of what each word gives alone, in their order, which
is how FTS5 adds it up. So one FTS5 query a word is enough until the partition changes,
and ranking thousands of entries is an addition of arrays.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.index.embedded_db import Partition
from sidecar.index.embedded_view import View

# Entries in all lists together, 12 bytes each; the lists used last stay.
MOST_HELD = 150_000

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _List:
    """The entries with a word, as of one state of the partition, and their BM25."""

    partition: Partition
    slots: NDArray[np.int32]
    points: Points


class Postings:
    """The lists of a process; safe for threads."""

    def __init__(self) -> None:
        self._lists: OrderedDict[tuple[int, str], _List] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def points(
        self, connection: sqlite3.Connection, view: View, words: Sequence[str]
    ) -> Points:
        """Return BM25 of every slot for these words; 0 where none of them stands.

        ``view`` is of the same transaction as ``connection``.
        """
        total = np.zeros(len(view.rows), np.float64)
        for word in words:
            found = self._list(connection, view, word)
            total[found.slots] += found.points
        return total

    def _list(self, connection: sqlite3.Connection, view: View, word: str) -> _List:
        key = (view.partition.id, word)
        with self._lock:
            known = self._lists.get(key)
            if known is not None and known.partition == view.partition:
                self._lists.move_to_end(key)
                return known
        made = _asked(connection, view, word)
        with self._lock:
            self._forget(key)
            self._lists[key] = made
            self._held += len(made.slots)
            while self._held > MOST_HELD and len(self._lists) > 1:
                self._forget(next(iter(self._lists)))
        return made

    def _forget(self, key: tuple[int, str]) -> None:
        old = self._lists.pop(key, None)
        if old is not None:
            self._held -= len(old.slots)


def _asked(connection: sqlite3.Connection, view: View, word: str) -> _List:
    table = f"words_{view.partition.id}"
    found = connection.execute(
        f"SELECT rowid, rank FROM {table}"  # noqa: S608 - the number is ours
        f" WHERE {table} MATCH ?",
        (f'"{word}"',),
    ).fetchall()
    both = np.array(found, np.float64).reshape(-1, 2)
    # A float64 holds every row number exactly, up to 2 ** 53.
    slots = np.searchsorted(view.rows, both[:, 0].astype(np.int64))
    points = np.ascontiguousarray(-both[:, 1])
    return _List(view.partition, slots.astype(np.int32), points)
