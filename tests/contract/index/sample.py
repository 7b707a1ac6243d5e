"""Entries and vectors that the index tests share."""

from __future__ import annotations

from typing import Any

import numpy as np

from sidecar.index.port import (
    EntryKind,
    Index,
    IndexEntry,
    IndexFilter,
    IndexHit,
    Vector,
)

DIMENSIONS = 64
WORKSPACE = "acme"
PASSAGE = EntryKind.PASSAGE
ANY = IndexFilter()


def vector(seed: int, dimensions: int = DIMENSIONS) -> Vector:
    """Return the unit vector of a seed."""
    row = np.random.default_rng(seed).normal(size=dimensions)
    return (row / np.linalg.norm(row)).astype(np.float32)


def entry(entry_id: str, group_id: str = "g", **fields: Any) -> IndexEntry:
    """Return a public passage, changed by ``fields``."""
    given: dict[str, Any] = {
        "kind": PASSAGE,
        "title": "",
        "text": f"text of {entry_id}",
        "vector": vector(sum(map(ord, entry_id))),
        "public": True,
    }
    return IndexEntry(entry_id=entry_id, group_id=group_id, **(given | fields))


def put(index: Index, *entries: IndexEntry, workspace: str = WORKSPACE) -> None:
    """Store the entries, group by group."""
    for group in dict.fromkeys(one.group_id for one in entries):
        members = [one for one in entries if one.group_id == group]
        index.replace_group(workspace, members[0].kind, group, members)


def by_words(
    index: Index, query: str, where: IndexFilter = ANY, limit: int = 10
) -> list[str]:
    """Return the ids found by words, best first."""
    return ids(index.by_words(WORKSPACE, PASSAGE, query, limit, where))


def by_vector(
    index: Index, wanted: Vector, where: IndexFilter = ANY, limit: int = 10
) -> list[str]:
    """Return the ids found by vector, best first."""
    return ids(index.by_vector(WORKSPACE, PASSAGE, wanted, limit, where))


def ids(hits: list[IndexHit]) -> list[str]:
    """Return the entry ids of hits."""
    return [hit.entry_id for hit in hits]
