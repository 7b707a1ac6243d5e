"""The index port: what any place that finds entries by words or vector must do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Rows = NDArray[np.float32]


class EntryKind(Enum):
    """What an entry stands for; a search is always within one kind."""

    PASSAGE = "passage"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, eq=False)
class IndexEntry:
    """One thing that can be found.

    ``entry_id`` is unique within workspace and kind; ``group_id`` is what is deleted
    together (the document of a passage, the ticket itself for a ticket).
    """

    entry_id: str
    group_id: str
    kind: EntryKind
    title: str
    text: str
    vector: Vector | None
    public: bool
    source: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    customer_id: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexFilter:
    """What a hit must satisfy; an empty field lets everything through."""

    public_only: bool = False
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexHit:
    """An entry found, with its raw score: cosine, or BM25 with higher for better."""

    entry_id: str
    group_id: str
    score: float


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What the index holds for one workspace and what it was built with."""

    passages: int
    tickets: int
    model: str
    dimensions: int
    notes: tuple[str, ...] = field(default=())
    without_vector: int = 0
    """Entries that have no vector of this model, and are found by words only."""


class Index(Protocol):
    """Words and vectors of one deployment, separated by workspace.

    Safe to call from many threads and from several processes on one machine. A
    change that returned is durable and seen by every process's next search. Raises
    ``TryAgain(INDEX_UNAVAILABLE)`` when it cannot answer.
    """

    def replace_group(
        self,
        workspace: str,
        kind: EntryKind,
        group_id: str,
        entries: Sequence[IndexEntry],
    ) -> None:
        """Make ``entries`` the whole content of the group, atomically; repeatable."""

    def replace_groups(
        self,
        workspace: str,
        kind: EntryKind,
        groups: Mapping[str, Sequence[IndexEntry]],
    ) -> None:
        """Do the same for several groups, all or none: at the cost of little more."""

    def delete_group(self, workspace: str, kind: EntryKind, group_id: str) -> None:
        """Remove the group; removing what is not there is fine."""

    def by_words(
        self,
        workspace: str,
        kind: EntryKind,
        query: str,
        limit: int,
        where: IndexFilter,
    ) -> list[IndexHit]:
        """Return the best ``limit`` entries by BM25 over title and text, best first.

        ``query`` is plain text of any content; no character in it is an operator.
        """

    def by_vector(
        self,
        workspace: str,
        kind: EntryKind,
        vector: Vector,
        limit: int,
        where: IndexFilter,
    ) -> list[IndexHit]:
        """Return the nearest ``limit`` entries by cosine, best first."""

    def vectors(
        self, workspace: str, kind: EntryKind, entry_ids: Sequence[str]
    ) -> Rows:
        """Return the entries' vectors, scaled to length one: (len(entry_ids), dims).

        A row of zeros stands for an entry that is not there or has no vector.
        """

    def status(self, workspace: str) -> IndexStatus:
        """Say what is there."""

    def groups(self, workspace: str, kind: EntryKind) -> set[str]:
        """Return all group ids, for reconciling with the database."""

    def close(self) -> None:
        """Release files and connections."""
