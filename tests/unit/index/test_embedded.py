"""What only the embedded index promises: its files, its limits, its failures."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from sidecar.errors import Misconfigured, Reason, TryAgain
from sidecar.index import embedded_db, embedded_view, embedded_write
from sidecar.index.embedded import EmbeddedIndex
from sidecar.index.port import IndexFilter
from tests.contract.index.sample import (
    ANY,
    DIMENSIONS,
    PASSAGE,
    WORKSPACE,
    by_vector,
    by_words,
    entry,
    put,
    vector,
)


def _open(place: Path, dimensions: int = DIMENSIONS) -> EmbeddedIndex:
    return EmbeddedIndex(place, model="unit", dimensions=dimensions)


def _files(place: Path) -> set[str]:
    return {path.name.split("-")[1] for path in (place / "vectors").iterdir()}


@pytest.mark.parametrize("damage", ["gone", "short", "half"])
def test_vector_files_are_made_again_from_the_database(
    tmp_path: Path, damage: str
) -> None:
    """The derived files may be lost or cut off; nothing found changes."""
    index = _open(tmp_path)
    put(index, *(entry(f"e{n}", f"g{n}", vector=vector(n)) for n in range(300)))
    before = index.by_vector(WORKSPACE, PASSAGE, vector(5), 50, ANY)
    index.close()
    for path in (tmp_path / "vectors").iterdir():
        if damage == "gone":
            path.unlink()
        else:
            size = path.stat().st_size // 2 if damage == "half" else 0
            with path.open("r+b") as file:
                file.truncate(size)
    again = _open(tmp_path)
    assert again.by_vector(WORKSPACE, PASSAGE, vector(5), 50, ANY) == before
    put(again, entry("new", "new", vector=vector(999)))
    assert by_vector(again, vector(999), limit=1) == ["new"]
    again.close()


def test_vector_files_may_vanish_while_the_index_is_open(tmp_path: Path) -> None:
    """A writer finds the files gone and makes them whole again."""
    index = _open(tmp_path)
    put(index, *(entry(f"e{n}", f"g{n}", vector=vector(n)) for n in range(10)))
    shutil.rmtree(tmp_path / "vectors")
    put(index, entry("new", "new", vector=vector(999)))
    assert by_vector(index, vector(999), limit=1) == ["new"]
    assert by_vector(index, vector(3), limit=1) == ["e3"]
    index.close()


def test_dead_slots_are_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rewriting for ever neither grows the files nor disturbs another reader."""
    monkeypatch.setattr(embedded_write, "LEAST_DEAD", 20)
    writer, reader = _open(tmp_path), _open(tmp_path)
    for turn in range(120):
        group = f"g{turn % 5}"
        seeds = range(turn * 10, turn * 10 + 3)
        put(writer, *(entry(f"e{n}", group, vector=vector(n)) for n in seeds))
        assert by_vector(reader, vector(seeds[1]), limit=1) == [f"e{seeds[1]}"]
        assert len(by_words(reader, "text", limit=99)) == min(turn + 1, 5) * 3
    epochs = _files(tmp_path)
    assert len(epochs) == 1
    assert int(epochs.pop()) > 5
    biggest = max(path.stat().st_size for path in (tmp_path / "vectors").iterdir())
    assert biggest <= 256 * DIMENSIONS * 4
    for group in writer.groups(WORKSPACE, PASSAGE):
        writer.delete_group(WORKSPACE, PASSAGE, group)
    assert by_vector(reader, vector(1)) == []
    writer.close()
    reader.close()


@pytest.mark.parametrize("filtered", [False, True])
def test_two_step_search_finds_what_an_exact_scan_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    """Recall stays high on vectors without structure, the worst case; filters exact."""
    monkeypatch.setattr(embedded_view, "WHOLE_ROWS", 100)
    monkeypatch.setattr(embedded_view, "EXACT_ROWS", 100)
    monkeypatch.setattr(embedded_view, "CANDIDATES", 400)
    random = np.random.default_rng(1)
    rows = random.normal(size=(2000, 256)).astype(np.float32)
    index = _open(tmp_path, 256)
    put(index, *(entry(f"e{n}", vector=rows[n], public=n % 2 > 0) for n in range(2000)))
    where = IndexFilter(public_only=filtered)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    shared = 0
    for _ in range(20):
        wanted = random.normal(size=256).astype(np.float32)
        order = [n for n in np.argsort(-(units @ wanted)) if n % 2 or not filtered]
        found = by_vector(index, wanted, where)
        assert not filtered or all(int(one[1:]) % 2 for one in found)
        shared += len({f"e{n}" for n in order[:10]} & set(found))
    assert shared >= 180
    index.close()


def test_a_locked_file_asks_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that waits too long says so; reading goes on meanwhile."""
    monkeypatch.setattr(embedded_db, "LOCK_WAIT_SECONDS", 0.1)
    index = _open(tmp_path)
    put(index, entry("a", text="alpha"))
    other = sqlite3.connect(tmp_path / "index.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TryAgain) as caught:
        put(index, entry("b", "h"))
    assert caught.value.reason is Reason.INDEX_UNAVAILABLE
    assert caught.value.after is not None
    assert by_words(index, "alpha") == ["a"]
    other.execute("ROLLBACK")
    other.close()
    put(index, entry("b", "h"))
    assert index.groups(WORKSPACE, PASSAGE) == {"g", "h"}
    index.close()


def test_a_full_disk_asks_to_try_again_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No space for the next write: refused, and what was there is still found."""
    index = _open(tmp_path)
    put(index, entry("a", text="alpha"))
    original = index._database._connect

    def no_space() -> sqlite3.Connection:
        connection = original()
        # SQLite's own limit gives the very error of a full disk.
        connection.execute("PRAGMA max_page_count = 40")
        return connection

    index._database.close_idle()
    monkeypatch.setattr(index._database, "_connect", no_space)
    with pytest.raises(TryAgain, match="full"):
        put(index, *(entry(f"b{n}", "h", text="x" * 3000) for n in range(100)))
    monkeypatch.undo()
    assert by_words(index, "alpha") == ["a"]
    assert index.groups(WORKSPACE, PASSAGE) == {"g"}
    index.close()


def test_a_closed_index_asks_to_try_again(tmp_path: Path) -> None:
    """Calls that come after the end of the process's work are refused politely."""
    index = _open(tmp_path)
    index.close()
    with pytest.raises(TryAgain):
        by_words(index, "alpha")


def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    """Garbage in place of the file: the message says which folder to remove."""
    (tmp_path / "index.db").write_bytes(b"not a database" * 500)
    with pytest.raises(Misconfigured, match="delete that folder, start again"):
        _open(tmp_path)


def test_an_index_of_another_version_is_named(tmp_path: Path) -> None:
    """A newer layout is refused rather than misread."""
    _open(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "index.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Misconfigured, match="version 99"):
        _open(tmp_path)


def test_nobody_else_may_read_the_folder(tmp_path: Path) -> None:
    """The index repeats what customers wrote; a data folder may be open to all."""
    with closing(_open(tmp_path / "index")):
        assert (tmp_path / "index").stat().st_mode & 0o077 == 0


def test_opening_at_once_is_safe(tmp_path: Path) -> None:
    """Several that make the same new index all succeed."""
    failures: list[BaseException] = []

    def start(number: int) -> None:
        try:
            index = _open(tmp_path)
            put(index, entry(f"e{number}", f"g{number}"))
            index.close()
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    workers = [threading.Thread(target=start, args=(n,)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    index = _open(tmp_path)
    assert len(index.groups(WORKSPACE, PASSAGE)) == 6
    index.close()
