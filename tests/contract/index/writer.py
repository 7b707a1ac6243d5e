"""A process that writes to an index until it is killed; see test_processes.py.

    python -m tests.contract.index.writer IMPLEMENTATION PLACE SEED PART

Writes to its own part of the groups. Says ``group version`` on standard output after
each call that returned.
"""

from __future__ import annotations

import random
import sys
from itertools import count
from pathlib import Path

from sidecar.index.port import IndexEntry
from tests.contract.index.conftest import DIMENSIONS, IMPLEMENTATIONS, MODEL
from tests.contract.index.sample import PASSAGE, WORKSPACE, entry, vector

GROUPS = 12
MEMBERS = 8
SEED_STEP = 10_000


def group_name(group: int) -> str:
    """Return the name of a group, one word long."""
    return f"group{group}"


def group_vector_seed(group: int, version: int) -> int:
    """Return the seed of the first entry's vector."""
    return group * 1_000_000 + version


def content(group: int, version: int) -> list[IndexEntry]:
    """Return what a group holds in a version; each thirteenth is empty."""
    if version % 13 == 0:
        return []
    name = group_name(group)
    return [
        entry(
            f"{name}-{member}-{version}",
            name,
            text=f"{name} version{version}",
            vector=vector(group_vector_seed(group, version) + member * 100_000),
        )
        for member in range(MEMBERS)
    ]


def main() -> None:
    """Write for ever, rising versions of random groups."""
    name, place, seed, part = sys.argv[1:]
    chance = random.Random(int(seed))
    index = IMPLEMENTATIONS[name](Path(place), MODEL, DIMENSIONS)
    for version in count(int(seed) * SEED_STEP + 1):
        group = int(part) * GROUPS + chance.randrange(GROUPS)
        entries = content(group, version)
        if entries:
            index.replace_group(WORKSPACE, PASSAGE, group_name(group), entries)
        else:
            index.delete_group(WORKSPACE, PASSAGE, group_name(group))
        print(group, version, flush=True)


if __name__ == "__main__":
    main()
