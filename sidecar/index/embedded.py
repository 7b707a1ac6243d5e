"""The embedded index: SQLite FTS5 for words, a mapped NumPy matrix for vectors.

One folder holds ``index.db``, which is the truth, and ``vectors/``, which is made
from it. Any number of threads and of processes on one machine may share the folder.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from sidecar.index import embedded_write as change
from sidecar.index.embedded_db import (
    Database,
    Partition,
    add_model,
    find_model,
    find_partition,
    make_partition,
    unavailable,
)
from sidecar.index.embedded_matrix import Matrix, MatrixMissing
from sidecar.index.embedded_view import View, load, slots_of
from sidecar.index.embedded_words import WordSearch
from sidecar.index.port import (
    EntryKind,
    IndexEntry,
    IndexFilter,
    IndexHit,
    IndexStatus,
    Rows,
    Vector,
)

_Found = TypeVar("_Found")
_ATTEMPTS = 3
_SQL_VARIABLES = 500
_NAMES_REMEMBERED = 4_096


class EmbeddedIndex:
    """Implements ``sidecar.index.port.Index`` in one folder of the local disk."""

    def __init__(self, directory: Path, *, model: str, dimensions: int) -> None:
        """Open or make the index for vectors of ``model``.

        ``dimensions`` 0 means words only. Raises ``Misconfigured`` when the folder
        or the file in it is not usable, ``TryAgain`` when it is locked.
        """
        self._database = Database(directory)
        self._folder = directory / "vectors"
        self._model = model
        self._dimensions = dimensions
        self._words = WordSearch()
        self._names: dict[int, tuple[str, str]] = {}
        self._views: dict[int, View] = {}
        self._locks: defaultdict[tuple[str, EntryKind], threading.Lock] = defaultdict(
            threading.Lock
        )

    def replace_group(
        self,
        workspace: str,
        kind: EntryKind,
        group_id: str,
        entries: Sequence[IndexEntry],
    ) -> None:
        """Make ``entries`` the whole content of the group, atomically; repeatable."""
        self.replace_groups(workspace, kind, {group_id: entries})

    def replace_groups(
        self,
        workspace: str,
        kind: EntryKind,
        groups: Mapping[str, Sequence[IndexEntry]],
    ) -> None:
        """Do the same for several groups, all or none: one commit, one flush."""
        for group_id, members in groups.items():
            for entry in members:
                if entry.group_id != group_id or entry.kind is not kind:
                    raise ValueError(f"entry {entry.entry_id!r} is not of this group")
        entries = [entry for members in groups.values() for entry in members]
        rows = change.unit_rows(entries, self._dimensions)
        with self._database.write() as connection:
            partition = make_partition(connection, workspace, kind)
            for group_id in groups:
                change.remove_group(connection, partition, group_id)
            ids = [entry.entry_id for entry in entries]
            change.remove_entries(connection, partition, ids)
            before = change.compacted_if_due(connection, partition)
            model = find_model(connection, self._model, self._dimensions)
            if model is None and rows.any():
                model = add_model(connection, self._model, self._dimensions)
            change.add_entries(connection, before, entries, rows, model)
            change.advance(connection, before, len(entries))
            if model is not None:
                self._matrix(before).append(connection, model, rows)
        self._remove_old_files(partition, before)

    def delete_group(self, workspace: str, kind: EntryKind, group_id: str) -> None:
        """Remove the group; removing what is not there is fine."""
        with self._database.write() as connection:
            partition = find_partition(connection, workspace, kind)
            if partition is None:
                return
            if not change.remove_group(connection, partition, group_id):
                return
            after = change.compacted_if_due(connection, partition)
            change.advance(connection, after, 0)
            model = find_model(connection, self._model, self._dimensions)
            if model is not None:
                self._matrix(after).ensure(connection, model)
        self._remove_old_files(partition, after)

    def by_words(
        self,
        workspace: str,
        kind: EntryKind,
        query: str,
        limit: int,
        where: IndexFilter,
    ) -> list[IndexHit]:
        """Return the best ``limit`` entries by BM25 over title and text, best first.

        Entries need not hold all terms. A long query is cut to its rarest terms
        (``embedded_words.POSTINGS_BUDGET``).
        """
        if limit <= 0:
            return []

        def search(connection: sqlite3.Connection, view: View) -> list[IndexHit]:
            mask = None
            if where != IndexFilter():
                mask = view.allowed(connection, where)
                if not mask.any():
                    return []
            points = self._words.points(connection, view, query)
            return self._hits(connection, view.highest(points, mask, limit))

        return self._with_view(workspace, kind, search) or []

    def by_vector(
        self,
        workspace: str,
        kind: EntryKind,
        vector: Vector,
        limit: int,
        where: IndexFilter,
    ) -> list[IndexHit]:
        """Return the nearest ``limit`` entries by cosine, best first."""
        if limit <= 0 or self._dimensions == 0:
            return []
        if vector.shape != (self._dimensions,):
            raise ValueError(
                f"query vector has shape {vector.shape}, the index holds "
                f"{self._dimensions} dimensions"
            )
        wanted = change.unit(vector)
        if not wanted.any():
            return []

        def search(connection: sqlite3.Connection, view: View) -> list[IndexHit]:
            mask = view.allowed(connection, where)
            return self._hits(connection, view.nearest(wanted, mask, limit))

        return self._with_view(workspace, kind, search) or []

    def vectors(
        self, workspace: str, kind: EntryKind, entry_ids: Sequence[str]
    ) -> Rows:
        """Return the entries' vectors: (len(entry_ids), dimensions)."""

        def search(connection: sqlite3.Connection, view: View) -> Rows:
            slots = slots_of(connection, view.partition, entry_ids)
            return view.picked(slots, self._dimensions)

        found = self._with_view(workspace, kind, search)
        nothing = np.zeros((len(entry_ids), self._dimensions), np.float32)
        return nothing if found is None else found

    def status(self, workspace: str) -> IndexStatus:
        """Say what is there."""
        counts = {}
        notes = []
        without_vector = 0
        with self._database.read() as connection:
            for kind in EntryKind:
                partition = find_partition(connection, workspace, kind)
                counts[kind], others = self._count(connection, partition)
                without_vector += others
                if others:
                    notes.append(
                        f"reindex needed: {others} {kind.value} entries have no vector "
                        f"of model {self._model} and are found by words only"
                    )
        return IndexStatus(
            passages=counts[EntryKind.PASSAGE],
            tickets=counts[EntryKind.TICKET],
            model=self._model,
            dimensions=self._dimensions,
            notes=tuple(notes),
            without_vector=without_vector,
        )

    def groups(self, workspace: str, kind: EntryKind) -> set[str]:
        """Return all group ids, for reconciling with the database."""
        with self._database.read() as connection:
            partition = find_partition(connection, workspace, kind)
            if partition is None:
                return set()
            rows = connection.execute(
                "SELECT DISTINCT group_id FROM entries WHERE partition = ?",
                (partition.id,),
            )
            return {group_id for (group_id,) in rows}

    def close(self) -> None:
        """Release files and connections."""
        self._database.close()
        self._views.clear()

    def _with_view(
        self,
        workspace: str,
        kind: EntryKind,
        search: Callable[[sqlite3.Connection, View], _Found],
    ) -> _Found | None:
        """Run ``search`` on a view that is exactly as new as its transaction.

        None when nothing was ever written there.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._database.read() as connection:
                    view = self._view(connection, workspace, kind)
                    return None if view is None else search(connection, view)
            except MatrixMissing:
                self._make_matrix(workspace, kind)
        raise unavailable("the vector files vanish as soon as they are made")

    def _view(
        self, connection: sqlite3.Connection, workspace: str, kind: EntryKind
    ) -> View | None:
        # The first SELECT fixes what the transaction sees. Done under the lock, it
        # can never be older than the view another thread has left here.
        with self._locks[workspace, kind]:
            partition = find_partition(connection, workspace, kind)
            if partition is None:
                return None
            view = self._views.get(partition.id)
            if view is None or view.partition != partition:
                model = find_model(connection, self._model, self._dimensions)
                matrix = None if model is None else self._matrix(partition)
                view = load(connection, partition, view, matrix, model)
                self._views[partition.id] = view
            return view

    def _make_matrix(self, workspace: str, kind: EntryKind) -> None:
        with self._database.write() as connection:
            partition = find_partition(connection, workspace, kind)
            model = find_model(connection, self._model, self._dimensions)
            if partition is not None and model is not None:
                self._matrix(partition).ensure(connection, model)

    def _matrix(self, partition: Partition) -> Matrix:
        return Matrix(self._folder, partition, self._model, self._dimensions)

    def _remove_old_files(self, before: Partition, after: Partition) -> None:
        # Only once the new epoch is committed: a crash before that still needs them.
        if before.epoch != after.epoch:
            self._matrix(after).remove_older()

    def _hits(
        self, connection: sqlite3.Connection, found: Sequence[tuple[int, float]]
    ) -> list[IndexHit]:
        """Return the hits by their names; a row's names never change."""
        names = self._names
        unknown = [row for row, _ in found if row not in names]
        if unknown and len(names) + len(unknown) > _NAMES_REMEMBERED:
            kept = {row: names[row] for row, _ in found if row in names}
            names = self._names = kept
        for start in range(0, len(unknown), _SQL_VARIABLES):
            rows = unknown[start : start + _SQL_VARIABLES]
            marks = ",".join("?" * len(rows))
            for row, entry_id, group_id in connection.execute(
                "SELECT row, entry_id, group_id FROM entries"  # noqa: S608 - marks only
                f" WHERE row IN ({marks})",
                rows,
            ):
                names[row] = (entry_id, group_id)
        return [IndexHit(*names[row], score) for row, score in found]

    def _count(
        self, connection: sqlite3.Connection, partition: Partition | None
    ) -> tuple[int, int]:
        """Return how many entries there are, and how many of another model."""
        if partition is None:
            return 0, 0
        model = find_model(connection, self._model, self._dimensions)
        total, same = connection.execute(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE model = ?) FROM entries"
            " WHERE partition = ?",
            (model, partition.id),
        ).fetchone()
        return total, (total - same) if self._dimensions else 0
