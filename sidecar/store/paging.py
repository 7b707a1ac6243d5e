"""Cursors, search patterns and the clauses of stable pages."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_

from sidecar.errors import MendRequest, Reason
from sidecar.store.context import Record
from sidecar.store.port import Page

T = TypeVar("T")
# Not a backslash: MySQL reads one in a literal as an escape of its own.
ESCAPE = "!"
BATCH = 500
"""How many ids are asked for in one statement."""


def fold(text: str) -> str:
    """Return the form in which texts are searched and sorted, whatever the database.

    Databases disagree about case outside ASCII, so nobody asks them.
    """
    return unicodedata.normalize("NFKC", text).casefold()


def contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Match a folded column that contains ``text`` literally."""
    literal = fold(text)
    for special in (ESCAPE, "%", "_"):
        literal = literal.replace(special, ESCAPE + special)
    return column.like(f"%{literal}%", escape=ESCAPE)


def moment_cursor(at: datetime, own_id: str) -> str:
    """Return the place after a row sorted by time and id."""
    return json.dumps([at.isoformat(), own_id])


def read_cursor(cursor: str, convert: Callable[[str], T]) -> tuple[T, str]:
    """Return what a cursor holds; raises ``MendRequest(PAGE_TOKEN_INVALID)``."""
    try:
        first, own_id = json.loads(cursor)
        if not (isinstance(first, str) and isinstance(own_id, str)):
            raise TypeError
        return convert(first), own_id
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise MendRequest(Reason.PAGE_TOKEN_INVALID) from None


def read_moment(text: str) -> datetime:
    """Return a moment in UTC; raises ``ValueError`` or ``OverflowError``."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at.astimezone(UTC)


def before(
    at: ColumnElement[Any], own_id: ColumnElement[str], cursor: str
) -> ColumnElement[bool]:
    """Keep the rows after the cursor when the newest come first."""
    moment, last = read_cursor(cursor, read_moment)
    # The first bound is implied; written out, it is what the index can use.
    return and_(at <= moment, or_(at < moment, own_id < last))


def page_of(
    rows: Sequence[Record],
    size: int,
    read: Callable[[Record], T],
    cursor: Callable[[Record], str],
) -> Page[T]:
    """Make a page of up to ``size`` from ``size + 1`` rows asked for."""
    more = len(rows) > size
    kept = rows[:size]
    return Page(tuple(map(read, kept)), cursor(kept[-1]) if more and kept else "")
