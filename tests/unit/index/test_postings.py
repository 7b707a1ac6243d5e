"""Lists of entries by word add up to exactly what FTS5 says."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sidecar.index import embedded, embedded_postings
from sidecar.index.embedded import EmbeddedIndex
from tests.contract.index.sample import ANY, PASSAGE, WORKSPACE, entry, put

_WORDS = [f"w{n}" for n in range(40)]


@pytest.fixture
def index(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path, model="unit", dimensions=0)


def _filled(index: EmbeddedIndex, count: int, seed: int) -> None:
    """Put entries of few words, so that many of them score the same."""
    pick = random.Random(seed)
    put(
        index,
        *(
            entry(
                f"e{seed}-{n}",
                f"g{n % 7}-{seed}",
                title=pick.choice(_WORDS),
                text=" ".join(pick.choices(_WORDS, k=pick.choice((2, 3, 9)))),
            )
            for n in range(count)
        ),
    )


def _asked(folder: Path, query: str, limit: int) -> list[tuple[str, float]]:
    """Return what one query to FTS5 itself finds."""
    match = " OR ".join(f'"{word}"' for word in query.split())
    with closing(sqlite3.connect(folder / "index.db")) as connection:
        return connection.execute(
            "SELECT entry_id, -rank FROM words_1 JOIN entries ON row = words_1.rowid"
            " WHERE words_1 MATCH ? ORDER BY rank, row LIMIT ?",
            (match, limit),
        ).fetchall()


def _found(index: EmbeddedIndex, query: str, limit: int) -> list[tuple[str, float]]:
    hits = index.by_words(WORKSPACE, PASSAGE, query, limit, ANY)
    return [(hit.entry_id, hit.score) for hit in hits]


def test_the_lists_say_what_fts5_says_to_the_last_bit(
    index: EmbeddedIndex, tmp_path: Path
) -> None:
    """Order, ties and scores, however often it is asked and whatever is written."""
    pick = random.Random(1)
    for seed in range(4):
        _filled(index, 60, seed)
        index.delete_group(WORKSPACE, PASSAGE, f"g3-{seed}")
        for limit in (1, 5, 60, 1000):
            query = " ".join(pick.sample([*_WORDS, "absent"], 6))
            assert _found(index, query, limit) == _asked(tmp_path, query, limit)
            assert _found(index, query, limit) == _asked(tmp_path, query, limit)
    index.close()


def test_another_process_writes_and_the_lists_follow(
    index: EmbeddedIndex, tmp_path: Path
) -> None:
    """What was kept of an older state is not used for a newer one."""
    _filled(index, 30, 1)
    _found(index, "w1 w2 w3", 30)
    other = EmbeddedIndex(tmp_path, model="unit", dimensions=0)
    _filled(other, 30, 2)
    assert _found(index, "w1 w2 w3", 60) == _asked(tmp_path, "w1 w2 w3", 60)
    other.close()
    index.close()


def test_memory_is_bounded(
    index: EmbeddedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for next to nothing the answers stay the same."""
    monkeypatch.setattr(embedded_postings, "MOST_HELD", 20)
    monkeypatch.setattr(embedded, "_NAMES_REMEMBERED", 5)
    _filled(index, 60, 1)
    for start in range(0, 40, 4):
        query = " ".join(_WORDS[start : start + 4])
        assert _found(index, query, 50) == _asked(tmp_path, query, 50)
    index.close()
