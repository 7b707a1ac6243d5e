"""Changes of the embedded index: each is one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from sidecar.index.embedded_db import Partition
from sidecar.index.embedded_matrix import Rows
from sidecar.index.embedded_words import prepare
from sidecar.index.port import IndexEntry, Vector

_SQL_VARIABLES = 500
LEAST_DEAD = 1_000


def remove_group(
    connection: sqlite3.Connection, partition: Partition, group_id: str
) -> bool:
    """Remove the group's entries; say whether there were any."""
    found = connection.execute(
        "SELECT row, slot FROM entries WHERE partition = ? AND group_id = ?",
        (partition.id, group_id),
    ).fetchall()
    _remove(connection, partition, found)
    return bool(found)


def remove_entries(
    connection: sqlite3.Connection, partition: Partition, entry_ids: Sequence[str]
) -> None:
    """Remove entries of these ids, whatever their group: an id exists once."""
    for start in range(0, len(entry_ids), _SQL_VARIABLES):
        some = entry_ids[start : start + _SQL_VARIABLES]
        marks = ",".join("?" * len(some))
        found = connection.execute(
            "SELECT row, slot FROM entries WHERE partition = ?"  # noqa: S608 - marks only
            f" AND entry_id IN ({marks})",
            (partition.id, *some),
        ).fetchall()
        _remove(connection, partition, found)


def add_entries(
    connection: sqlite3.Connection,
    partition: Partition,
    entries: Sequence[IndexEntry],
    vectors: Rows,
    model: int | None,
) -> None:
    """Insert entries in slots from ``partition.next_slot`` on.

    ``vectors`` has a row an entry; a row of zeros stands for "has none".
    """
    table = f"words_{partition.id}"
    for offset, entry in enumerate(entries):
        has_vector = bool(vectors[offset].any())
        row = connection.execute(
            "INSERT INTO entries (partition, slot, entry_id, group_id, public, source,"
            " language, tags, customer_id, updated_at, model)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row",
            (
                partition.id,
                partition.next_slot + offset,
                entry.entry_id,
                entry.group_id,
                entry.public,
                entry.source,
                entry.language,
                json.dumps(sorted(set(entry.tags))),
                entry.customer_id,
                entry.updated_at and entry.updated_at.isoformat(),
                model if has_vector else None,
            ),
        ).fetchone()[0]
        body = (row, prepare(entry.title), prepare(entry.text))
        connection.execute("INSERT INTO bodies VALUES (?, ?, ?)", body)
        connection.execute(
            f"INSERT INTO {table} (rowid, title, text)"  # noqa: S608 - our number
            " VALUES (?, ?, ?)",
            body,
        )
        if has_vector:
            connection.execute(
                "INSERT INTO vectors VALUES (?, ?)", (row, vectors[offset].tobytes())
            )


def unit_rows(entries: Sequence[IndexEntry], dimensions: int) -> Rows:
    """Return the entries' vectors scaled to length one; zeros where there is none.

    A vector of another length is a programming
    error: ``ValueError``.
    """
    rows = np.zeros((len(entries), dimensions), np.float32)
    for row, entry in zip(rows, entries, strict=True):
        if entry.vector is None or dimensions == 0:
            continue
        if entry.vector.shape != (dimensions,):
            raise ValueError(
                f"entry {entry.entry_id!r} has a vector of shape "
                f"{entry.vector.shape}, the index holds {dimensions} dimensions"
            )
        row[:] = unit(entry.vector)
    return rows


def unit(vector: Vector) -> Vector:
    """Scale a vector to length one; zeros if it has no direction."""
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        return np.zeros(vector.shape, np.float32)
    return (vector / length).astype(np.float32)


def advance(connection: sqlite3.Connection, partition: Partition, added: int) -> None:
    """Write down that the partition changed and how many slots were given."""
    connection.execute(
        "UPDATE partitions SET generation = ?, epoch = ?, next_slot = ? WHERE id = ?",
        (
            partition.generation + 1,
            partition.epoch,
            partition.next_slot + added,
            partition.id,
        ),
    )


def compacted_if_due(connection: sqlite3.Connection, partition: Partition) -> Partition:
    """Start a new epoch without dead slots if more are dead than alive."""
    if partition.next_slot <= LEAST_DEAD:
        return partition
    dead: int = connection.execute(
        "SELECT COUNT(*) FROM dead WHERE partition = ?", (partition.id,)
    ).fetchone()[0]
    if dead <= max(LEAST_DEAD, partition.next_slot // 2):
        return partition
    rows = connection.execute(
        "SELECT row FROM entries WHERE partition = ? ORDER BY slot", (partition.id,)
    ).fetchall()
    connection.executemany(
        "UPDATE entries SET slot = ? WHERE row = ?",
        ((slot, row) for slot, (row,) in enumerate(rows)),
    )
    connection.execute("DELETE FROM dead WHERE partition = ?", (partition.id,))
    return replace(partition, epoch=partition.epoch + 1, next_slot=len(rows))


def _remove(
    connection: sqlite3.Connection,
    partition: Partition,
    found: Iterable[tuple[int, int]],
) -> None:
    table = f"words_{partition.id}"
    for row, slot in found:
        connection.execute(
            f"INSERT INTO {table} ({table}, rowid, title, text)"  # noqa: S608 - a name of ours
            " SELECT 'delete', row, title, text FROM bodies WHERE row = ?",
            (row,),
        )
        for name in ("bodies", "vectors", "entries"):
            connection.execute(
                f"DELETE FROM {name} WHERE row = ?",  # noqa: S608 - constants
                (row,),
            )
        connection.execute(
            "INSERT INTO dead (partition, generation, slot) VALUES (?, ?, ?)",
            (partition.id, partition.generation + 1, slot),
        )
