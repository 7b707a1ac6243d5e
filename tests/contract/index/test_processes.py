"""Several processes, and their sudden end."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import defaultdict

import pytest

from sidecar.index.port import Index
from tests.contract.index import writer
from tests.contract.index.conftest import Opener
from tests.contract.index.sample import (
    ANY,
    PASSAGE,
    WORKSPACE,
    by_vector,
    by_words,
    vector,
)

KILLS = 24


def _start(opener: Opener, seed: int, part: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.contract.index.writer"),
            *(opener.name, str(opener.place), str(seed), str(part)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )


def _last_lines(
    process: subprocess.Popen[str], ledger: dict[int, int]
) -> dict[int, int]:
    """Kill the writer; add what it acknowledged to the ledger."""
    process.kill()
    rest, _ = process.communicate()
    for line in rest.splitlines():
        parts = line.split()
        if len(parts) == 2:  # the last line may be cut off
            ledger[int(parts[0])] = int(parts[1])
    return ledger


def _check(index: Index, ledger: dict[int, int], seed: int) -> None:
    """Hold the index against the ledger: nothing lost, nothing halved.

    The one call under way when the writer died may have won or not; what it left is
    written to the ledger, so that it has to last from then on.
    """
    live = index.groups(WORKSPACE, PASSAGE)
    last: defaultdict[int, int] = defaultdict(int)
    for group, version in ledger.items():
        part = group // writer.GROUPS
        last[part] = max(last[part], version)
    for group, version in ledger.items():
        start = (seed + group // writer.GROUPS) * writer.SEED_STEP
        under_way = {last[group // writer.GROUPS] + 1, start + 1}
        name = writer.group_name(group)
        hits = by_words(index, name, limit=100)
        assert len(hits) in (0, writer.MEMBERS), hits
        assert (name in live) == bool(hits)
        found = {int(hit.rsplit("-", 1)[1]) for hit in hits}
        if not found:
            gone = {v for v in {version, *under_way} if not writer.content(group, v)}
            assert gone, f"{name} version {version} is lost"
            ledger[group] = gone.pop()
            continue
        newest = found.pop()
        assert not found
        assert newest in {version, *under_way}
        ledger[group] = newest
        wanted = vector(writer.group_vector_seed(group, newest))
        best = index.by_vector(WORKSPACE, PASSAGE, wanted, 1, ANY)[0]
        assert (best.group_id, round(best.score, 4)) == (name, 1)
    count = index.status(WORKSPACE).passages
    assert len(by_vector(index, vector(seed), limit=10_000)) == count
    assert count == len(live) * writer.MEMBERS


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(
    open_index: Opener,
) -> None:
    """24 times kill -9, at the start as well: what returned is there, whole."""
    chance = random.Random(5)
    long_open = open_index()
    ledger: dict[int, int] = {}
    written = 0
    for seed in range(1, KILLS + 1):
        process = _start(open_index, seed)
        if seed % 4:
            assert process.stdout is not None
            first = process.stdout.readline().split()
            ledger[int(first[0])] = int(first[1])
        # Else it is killed while it starts, opens or makes its first write.
        time.sleep(chance.uniform(0, 0.4))
        before = dict(ledger)
        _last_lines(process, ledger)
        written += sum(ledger[group] != before.get(group) for group in ledger)
        _check(long_open, ledger, seed)
        fresh = open_index()
        _check(fresh, ledger, seed)
        fresh.close()
    assert written > KILLS


def test_two_processes_write_and_a_third_sees_all_of_it(open_index: Opener) -> None:
    """Writers in two processes neither disturb each other nor the reader."""
    reader = open_index()
    processes = [_start(open_index, 30 + part, part) for part in range(2)]
    ledger: dict[int, int] = {}
    try:
        for _ in range(40):
            for process in processes:
                assert process.stdout is not None
                group, version = map(int, process.stdout.readline().split())
                ledger[group] = version
                hits = by_words(reader, writer.group_name(group), limit=100)
                assert len(hits) in (0, writer.MEMBERS)
                newest = {int(hit.rsplit("-", 1)[1]) for hit in hits}
                assert all(found >= version for found in newest)
                by_vector(reader, vector(version))
    finally:
        for process in processes:
            _last_lines(process, ledger)
    _check(reader, ledger, 30)


def test_a_write_of_another_process_is_seen_by_the_next_search(
    open_index: Opener,
) -> None:
    """One writer, no rival: each acknowledged write is what the reader finds."""
    reader = open_index()
    process = _start(open_index, 7)
    ledger: dict[int, int] = {}
    try:
        for _ in range(60):
            assert process.stdout is not None
            group, version = map(int, process.stdout.readline().split())
            ledger[group] = version
            hits = by_words(reader, writer.group_name(group), limit=100)
            newest = [int(hit.rsplit("-", 1)[1]) for hit in hits]
            assert all(found >= version for found in newest)
            assert len(newest) in (0, writer.MEMBERS)
    finally:
        _last_lines(process, ledger)
    _check(reader, ledger, 7)
