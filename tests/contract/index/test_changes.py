"""What every index does with writes: whole, lasting, seen by all."""

from __future__ import annotations

import threading

import pytest

from sidecar.index.port import Index
from tests.contract.index.conftest import Opener
from tests.contract.index.sample import (
    ANY,
    PASSAGE,
    WORKSPACE,
    by_vector,
    by_words,
    entry,
    put,
    vector,
)


def test_replacing_leaves_nothing_of_what_was_there(index: Index) -> None:
    """The new entries are the group's whole content, in both legs."""
    put(index, entry("old", text="alpha"), entry("kept", text="alpha"))
    put(index, entry("kept", text="beta"), entry("new", text="beta"))
    assert by_words(index, "alpha") == []
    assert set(by_words(index, "beta")) == {"kept", "new"}
    assert set(by_vector(index, vector(1))) == {"kept", "new"}
    assert index.status(WORKSPACE).passages == 2


def test_replacing_twice_is_like_once(index: Index) -> None:
    """A repeated write changes neither content nor scores."""
    put(index, entry("a", text="alpha"), entry("b", "h", text="alpha beta"))
    first = index.by_words(WORKSPACE, PASSAGE, "alpha beta", 10, ANY)
    put(index, entry("a", text="alpha"), entry("b", "h", text="alpha beta"))
    assert index.by_words(WORKSPACE, PASSAGE, "alpha beta", 10, ANY) == first


def test_replacing_with_nothing_empties_the_group(index: Index) -> None:
    """No entries is a content like any other."""
    put(index, entry("a", text="alpha"))
    index.replace_group(WORKSPACE, PASSAGE, "g", [])
    assert by_words(index, "alpha") == by_vector(index, vector(1)) == []
    assert index.groups(WORKSPACE, PASSAGE) == set()


def test_several_groups_are_replaced_together(index: Index) -> None:
    """Each group becomes what is given for it; others stay as they are."""
    put(index, entry("a", "one"), entry("b", "two"), entry("c", "three"))
    changed = {"one": [entry("d", "one", text="delta")], "two": [], "four": []}
    index.replace_groups(WORKSPACE, PASSAGE, changed)
    assert index.groups(WORKSPACE, PASSAGE) == {"one", "three"}
    assert by_words(index, "delta") == ["d"]


def test_of_several_groups_all_are_changed_or_none(index: Index) -> None:
    """One entry that does not fit leaves everything as it was."""
    put(index, entry("a", "one", text="alpha"))
    mixed = {"one": [entry("b", "one")], "two": [entry("c", "three")]}
    with pytest.raises(ValueError, match="group"):
        index.replace_groups(WORKSPACE, PASSAGE, mixed)
    twice = {"one": [entry("b", "one")], "two": [entry("b", "two")]}
    with pytest.raises(Exception, match="UNIQUE"):
        index.replace_groups(WORKSPACE, PASSAGE, twice)
    assert by_words(index, "alpha") == ["a"]
    assert index.groups(WORKSPACE, PASSAGE) == {"one"}


def test_deleting_takes_one_group_and_may_be_repeated(index: Index) -> None:
    """Other groups stay; what is not there is no error."""
    put(index, entry("a", "one"), entry("b", "two"))
    for _ in range(2):
        index.delete_group(WORKSPACE, PASSAGE, "one")
        assert index.groups(WORKSPACE, PASSAGE) == {"two"}
        assert by_vector(index, vector(1)) == ["b"]
    index.delete_group("nobody", PASSAGE, "one")


def test_an_entry_that_moves_to_another_group_exists_once(index: Index) -> None:
    """An id is unique in workspace and kind."""
    put(index, entry("a", "one", text="alpha"))
    put(index, entry("a", "two", text="alpha"))
    assert by_words(index, "alpha") == ["a"]
    assert index.groups(WORKSPACE, PASSAGE) == {"two"}


def test_entries_of_another_group_are_refused(index: Index) -> None:
    """A caller's mix-up changes nothing."""
    with pytest.raises(ValueError, match="group"):
        index.replace_group(WORKSPACE, PASSAGE, "one", [entry("a", "two")])
    assert index.groups(WORKSPACE, PASSAGE) == set()


def test_what_was_written_is_there_after_reopening(open_index: Opener) -> None:
    """Content, deletions and scores outlive the process."""
    index = open_index()
    put(index, *(entry(f"e{n}", f"g{n}", vector=vector(n)) for n in range(20)))
    index.delete_group(WORKSPACE, PASSAGE, "g4")
    before = index.by_vector(WORKSPACE, PASSAGE, vector(4), 20, ANY)
    index.close()
    again = open_index()
    assert again.by_vector(WORKSPACE, PASSAGE, vector(4), 20, ANY) == before
    assert len(again.groups(WORKSPACE, PASSAGE)) == 19


def test_a_write_is_seen_by_another_open_index(open_index: Opener) -> None:
    """Two that are open at once see each other's writes with the next search."""
    one, two = open_index(), open_index()
    for n in range(30):
        writer, reader = (one, two) if n % 2 else (two, one)
        put(writer, entry(f"e{n}", f"g{n}", text=f"word{n}", vector=vector(n)))
        assert by_words(reader, f"word{n}") == [f"e{n}"]
        assert by_vector(reader, vector(n), limit=1) == [f"e{n}"]
        if n % 3 == 0:
            reader.delete_group(WORKSPACE, PASSAGE, f"g{n}")
            assert by_words(writer, f"word{n}") == []
            assert by_vector(writer, vector(n), limit=1) != [f"e{n}"]


def test_vectors_of_another_model_are_never_compared(open_index: Opener) -> None:
    """After a change of model old vectors rest, and the status says what to do."""
    old = open_index("first model", 64)
    put(old, entry("a", "a", text="alpha"), entry("b", "b", text="alpha"))
    old.close()
    new = open_index("second model", 32)
    assert by_vector(new, vector(1, 32)) == []
    assert set(by_words(new, "alpha")) == {"a", "b"}
    status = new.status(WORKSPACE)
    assert (status.model, status.dimensions) == ("second model", 32)
    assert "reindex needed: 2 " in status.notes[0]
    put(new, entry("a", "a", vector=vector(1, 32)))
    assert by_vector(new, vector(1, 32)) == ["a"]
    put(new, entry("b", "b", vector=vector(2, 32)))
    assert new.status(WORKSPACE).notes == ()


def test_threads_write_and_search_at_once(index: Index) -> None:
    """Concurrent calls neither fail nor lose a write nor show half a group."""
    failures: list[BaseException] = []
    halves: list[list[str]] = []

    def write(worker: int) -> None:
        for n in range(12):
            name = f"{worker}-{n}"
            put(index, *(entry(f"{name}-{k}", name, text="pair") for k in range(2)))

    def search() -> None:
        for n in range(40):
            found = by_words(index, "pair", limit=1000)
            groups = [one.rsplit("-", 1)[0] for one in found]
            halves.extend([g] for g in set(groups) if groups.count(g) != 2)
            by_vector(index, vector(n))

    def guarded(work: threading.Thread) -> None:
        work.start()

    def catch(arguments: threading.ExceptHookArgs) -> None:
        failures.append(arguments.exc_value or RuntimeError())

    original, threading.excepthook = threading.excepthook, catch
    try:
        workers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        workers += [threading.Thread(target=search) for _ in range(4)]
        for worker in workers:
            guarded(worker)
        for worker in workers:
            worker.join()
    finally:
        threading.excepthook = original
    assert failures == []
    assert halves == []
    assert len(index.groups(WORKSPACE, PASSAGE)) == 48
    assert len(by_vector(index, vector(1), limit=1000)) == 96
