"""Search by words: SQLite FTS5, its BM25, and a query of any content."""

from __future__ import annotations

import re
import sqlite3
import threading
import unicodedata

from sidecar.index.embedded_db import Partition
from sidecar.index.embedded_postings import Points, Postings
from sidecar.index.embedded_view import View

MAX_QUERY_CHARACTERS = 20_000
MAX_TERMS = 256
# A query's cost is the number of entries its terms occur in. The rarest terms go in
# first until this many; common words say little and cost most.
POSTINGS_BUDGET = 12_000
FEWEST_TERMS = 3
# BM25 looks at each term for each entry found, so many terms cost much as well.
MOST_TERMS = 64
_MAX_TERM_CHARACTERS = 64
_END_OF_ACCENTED = "\u2000"
_COUNTS_REMEMBERED = 20_000
_COUNTS_DRIFT = 0.2

# Scripts written without spaces: their runs are cut into overlapping pairs, so that
# a word inside a sentence is found (FTS5 alone takes the whole run for one word).
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # CJK, kana
    "\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_TERM = re.compile(r"[^\W_]+")


def prepare(text: str) -> str:
    """Return the text as it is stored for the word index.

    Runs of scripts without spaces become pairs of characters; half surrogates,
    which UTF-8 cannot hold, become question marks.
    """
    if text.isascii():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _UNSPACED_RUN.sub(_pairs, text)


def terms(query: str) -> list[str]:
    """Return the query's different terms in their order, in lower case."""
    # Composed, because a bare accent would otherwise end a term.
    text = prepare(unicodedata.normalize("NFC", query[:MAX_QUERY_CHARACTERS]))
    found: dict[str, None] = {}
    for match in _TERM.finditer(text.lower()):
        if len(match[0]) <= _MAX_TERM_CHARACTERS:
            found.setdefault(match[0])
        if len(found) == MAX_TERMS:
            break
    return list(found)


def folded(term: str) -> str:
    """Return a term as FTS5's ``unicode61 remove_diacritics 2`` stores it, nearly.

    Good enough to count by: a term that may be counted wrongly is searched for anyway.
    """
    if term.isascii():
        return term
    return "".join(
        unicodedata.normalize("NFD", c)[0] if c < _END_OF_ACCENTED else c for c in term
    )


class WordSearch:
    """Chooses the terms that matter and adds up what they give each entry."""

    def __init__(self) -> None:
        self._postings = Postings()
        self._counts: dict[int, tuple[int, dict[str, int]]] = {}
        self._lock = threading.Lock()

    def points(self, connection: sqlite3.Connection, view: View, query: str) -> Points:
        """Return the BM25 of every slot of the view; 0 for what the query misses."""
        chosen = self._choose(connection, view.partition, terms(query))
        return self._postings.points(connection, view, chosen)

    def _choose(
        self, connection: sqlite3.Connection, partition: Partition, found: list[str]
    ) -> list[str]:
        if partition.next_slot * len(found) <= POSTINGS_BUDGET:
            return found
        counts = self._document_counts(connection, partition, found)
        # Of other terms it is not certain that they are absent; see ``folded``.
        possible = [term for term in found if counts[term] or not term.isascii()]
        chosen: list[str] = []
        total = 0
        for term in sorted(possible, key=lambda term: counts[term])[:MOST_TERMS]:
            total += counts[term]
            if total > POSTINGS_BUDGET and len(chosen) >= FEWEST_TERMS:
                break
            chosen.append(term)
        return chosen

    def _document_counts(
        self, connection: sqlite3.Connection, partition: Partition, found: list[str]
    ) -> dict[str, int]:
        """In how many entries each term occurs; may lag behind the last writes.

        Counting a common term reads its whole list of entries, so counts are kept
        until the partition has grown by a fifth: they only choose terms.
        """
        with self._lock:
            size, known = self._counts.get(partition.id, (0, {}))
            drift = abs(partition.next_slot - size)
            if drift > _COUNTS_DRIFT * size or len(known) > _COUNTS_REMEMBERED:
                known = {}
                self._counts[partition.id] = (partition.next_slot, known)
        counts = {}
        for term in found:
            count = known.get(term)
            if count is None:
                count = _count(connection, partition, term)
                known[term] = count
            counts[term] = count
        return counts


def _count(connection: sqlite3.Connection, partition: Partition, term: str) -> int:
    found = connection.execute(
        f"SELECT doc FROM vocabulary_{partition.id}"  # noqa: S608 - the number is ours
        " WHERE term = ?",
        (folded(term),),
    ).fetchone()
    return 0 if found is None else int(found[0])


def _pairs(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) == 1:
        return f" {run} "
    pairs = " ".join(run[i : i + 2] for i in range(len(run) - 1))
    return f" {pairs} "
