"""The vectors of a partition as two files that all processes map: rows and signs.

Both are derived: the truth is in the database, and a missing file is made again
from it. A row is written and flushed before the transaction that gives its slot is
committed, so every slot a reader can know of is there. Files only grow; compaction
starts new ones under a new epoch.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sidecar.index.embedded_db import Partition
from sidecar.index.port import Vector

Rows = NDArray[np.float32]
Signs = NDArray[np.uint64]

_LEAST_ROWS = 256
_BUILD_ROWS = 4096
_WORD_BITS = 64


class MatrixMissing(Exception):
    """The derived files are not there and must be made by a writer."""


class Matrix:
    """The two files of one partition, epoch and model."""

    def __init__(
        self, folder: Path, partition: Partition, model: str, dimensions: int
    ) -> None:
        key = hashlib.sha256(f"{model}:{dimensions}".encode()).hexdigest()[:12]
        stem = f"{partition.id}-{partition.epoch}-{key}"
        self._rows = folder / f"{stem}.f32"
        self._signs = folder / f"{stem}.signs"
        self._folder = folder
        self._partition = partition
        self._dimensions = dimensions
        self._row_bytes = 4 * dimensions
        self._sign_words = -(-dimensions // _WORD_BITS)

    def map_rows(self, count: int) -> Rows:
        """Map at least ``count`` rows, read-only; ``MatrixMissing`` if not there."""
        try:
            handle = os.open(self._rows, os.O_RDONLY)
        except FileNotFoundError as error:
            raise MatrixMissing from error
        try:
            size = os.fstat(handle).st_size // self._row_bytes
            if size < max(count, 1):
                raise MatrixMissing
            mapped = mmap.mmap(handle, size * self._row_bytes, prot=mmap.PROT_READ)
        finally:
            os.close(handle)
        flat = np.frombuffer(mapped, np.float32)
        return flat.reshape(size, self._dimensions)

    def read_signs(self, first: int, end: int) -> Signs:
        """Return the sign bits of slots, shape (words, end - first)."""
        width = 8 * self._sign_words
        try:
            with self._signs.open("rb") as file:
                file.seek(first * width)
                content = file.read((end - first) * width)
        except FileNotFoundError as error:
            raise MatrixMissing from error
        if len(content) != (end - first) * width:
            raise MatrixMissing
        words = np.frombuffer(content, np.uint64).reshape(-1, self._sign_words)
        return np.ascontiguousarray(words.T)

    def append(self, connection: sqlite3.Connection, model: int, vectors: Rows) -> None:
        """Write rows from the partition's next slot on and flush them to the disk.

        Like ``ensure``, only for a writer inside its transaction.
        """
        self.ensure(connection, model)
        first = self._partition.next_slot
        signs = pack_signs(vectors)
        _put(self._rows, self._row_bytes, first, vectors)
        _put(self._signs, 8 * self._sign_words, first, signs)

    def ensure(self, connection: sqlite3.Connection, model: int) -> None:
        """Make the files from the database unless they are there and long enough."""
        count = self._partition.next_slot
        widths = (self._row_bytes, 8 * self._sign_words)
        if not all(
            path.is_file() and path.stat().st_size >= max(count, 1) * width
            for path, width in zip(self._paths(), widths, strict=True)
        ):
            self._build(connection, model, count)

    def remove_older(self) -> None:
        """Delete the files of this partition's earlier epochs."""
        for path in self._folder.glob(f"{self._partition.id}-*"):
            epoch = path.name.split("-")[1]
            if epoch.isdigit() and int(epoch) < self._partition.epoch:
                path.unlink(missing_ok=True)

    def _build(self, connection: sqlite3.Connection, model: int, count: int) -> None:
        self._folder.mkdir(exist_ok=True)
        rows, signs = (p.with_suffix(p.suffix + ".new") for p in self._paths())
        capacity = _capacity(count)
        sign_bytes = 8 * self._sign_words
        with rows.open("wb") as row_file, signs.open("wb") as sign_file:
            row_file.truncate(capacity * self._row_bytes)
            sign_file.truncate(capacity * sign_bytes)
            for slots, vectors in self._stored(connection, model):
                for slot, vector, bits in zip(
                    slots, vectors, pack_signs(vectors), strict=True
                ):
                    row_file.seek(slot * self._row_bytes)
                    row_file.write(vector.tobytes())
                    sign_file.seek(slot * sign_bytes)
                    sign_file.write(bits.tobytes())
            for file in (row_file, sign_file):
                file.flush()
                os.fsync(file.fileno())
        for source, target in zip((rows, signs), self._paths(), strict=True):
            source.rename(target)
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _stored(
        self, connection: sqlite3.Connection, model: int
    ) -> Iterator[tuple[list[int], Rows]]:
        cursor = connection.execute(
            "SELECT slot, vector FROM entries JOIN vectors USING (row)"
            " WHERE partition = ? AND model = ? ORDER BY slot",
            (self._partition.id, model),
        )
        while part := cursor.fetchmany(_BUILD_ROWS):
            joined = b"".join(blob for _, blob in part)
            flat = np.frombuffer(joined, np.float32)
            yield [slot for slot, _ in part], flat.reshape(len(part), -1)

    def _paths(self) -> tuple[Path, Path]:
        return self._rows, self._signs


def pack_signs(vectors: Rows | Vector) -> Signs:
    """Return one bit a dimension (set where positive), shape (rows, words)."""
    bits = np.atleast_2d(vectors) > 0
    spare = -bits.shape[1] % _WORD_BITS
    padded = np.pad(bits, ((0, 0), (0, spare)))
    return np.packbits(padded, axis=1).view(np.uint64)


def _capacity(count: int) -> int:
    return max(_LEAST_ROWS, count + count // 4)


def _put(path: Path, width: int, first: int, rows: Rows | Signs) -> None:
    data = rows.tobytes()
    end = first + len(rows)
    handle = os.open(path, os.O_RDWR)
    try:
        # In large steps, so that readers need not map anew for each entry.
        if os.fstat(handle).st_size < end * width:
            os.ftruncate(handle, _capacity(end) * width)
        written = 0
        while written < len(data):
            written += os.pwrite(handle, data[written:], first * width + written)
        os.fdatasync(handle)
    finally:
        os.close(handle)
