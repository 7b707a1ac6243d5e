"""Several writers of one process share one durable commit (SQLite only).

SQLite has one writer at a time, and a durable commit waits for the disk. A writer that
finds others waiting leaves its transaction open for the next one, and the last of them
commits for all. Nobody goes on before that commit: what was acknowledged is on the
disk. A writer that fails takes back only its own changes; a commit that fails fails
all who share it. MySQL's server does the same by itself.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sidecar.errors import Reason, TryAgain
from sidecar.store.database import LOCK_SECONDS

# Other processes wait for SQLite's lock meanwhile, and the first of a group for its
# answer, so that a group is closed before either gets long.
_MOST_WRITERS = 32
_LONGEST_SECONDS = 0.02
_MINE = "mine"


@dataclass(slots=True, eq=False)
class _Waiting:
    """A writer in the queue; ``turn`` is set when the lock is handed to it."""

    durable: bool
    turn: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, eq=False)
class _Group:
    """An open transaction and those whose changes are in it."""

    connection: Connection
    durable: bool
    writers: int = 0
    began: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def takes(self, next_one: _Waiting) -> bool:
        """Say whether one more may join."""
        return (
            (self.durable or not next_one.durable)
            and self.writers < _MOST_WRITERS
            and time.monotonic() - self.began < _LONGEST_SECONDS
        )


class SharedCommit:
    """The queue of a process's own SQLite writers; other processes meet in its lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mutex = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._taken = False
        self._owner = 0
        self._group: _Group | None = None

    @contextmanager
    def writing(self, durable: bool) -> Iterator[Connection]:
        """Let the caller write; on leaving its changes are committed, or all gone.

        Raises ``TryAgain(DATABASE_UNAVAILABLE)`` when the turn does not come, and
        what the database raised when the commit that was shared failed.
        """
        self._take_turn(durable)
        try:
            group = self._joined(durable)
        except BaseException:
            self._pass_on()
            raise
        try:
            yield group.connection
        except BaseException as error:
            self._take_back(group, error)
            raise
        self._finish(group)

    def _take_turn(self, durable: bool) -> None:
        if self._owner == threading.get_ident():
            raise RuntimeError("a transaction within a transaction waits for itself")
        me = _Waiting(durable)
        with self._mutex:
            if not self._taken:
                self._taken = True
                me.turn.set()
            else:
                self._queue.append(me)
        if not me.turn.wait(LOCK_SECONDS):
            with self._mutex:
                if not me.turn.is_set():
                    self._queue.remove(me)
                    raise TryAgain(Reason.DATABASE_UNAVAILABLE, detail="writers queue")
        self._owner = threading.get_ident()

    def _pass_on(self) -> None:
        """Hand the turn to the next in the queue, or leave it free."""
        self._owner = 0
        with self._mutex:
            if self._queue:
                self._queue.popleft().turn.set()
            else:
                self._taken = False

    def _joined(self, durable: bool) -> _Group:
        """Return the open group after a savepoint, or open one.

        The first of a group needs no savepoint: with it the transaction goes.
        """
        group = self._group
        if group is None:
            group = self._group = self._open(durable)
        elif group.writers:
            group.connection.exec_driver_sql(f"SAVEPOINT {_MINE}")
        return group

    def _open(self, durable: bool) -> _Group:
        connection = self._engine.connect()
        try:
            level = "FULL" if durable else "NORMAL"
            raw = connection.connection
            # It cannot be changed within a transaction, and rarely has to be.
            if raw.info.get("synchronous", "FULL") != level:
                raw.cursor().execute(f"PRAGMA synchronous={level}")
                raw.info["synchronous"] = level
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return _Group(connection, durable)

    def _finish(self, group: _Group) -> None:
        """Leave the group to the next writer, or commit for all; then wait for that."""
        if group.writers:
            group.connection.exec_driver_sql(f"RELEASE {_MINE}")
        group.writers += 1
        if self._left_to_next(group):
            group.ended.wait()
        else:
            self._end(group)
        if group.error is not None:
            raise group.error

    def _left_to_next(self, group: _Group) -> bool:
        with self._mutex:
            if not (self._queue and group.takes(self._queue[0])):
                return False
            self._owner = 0
            self._queue.popleft().turn.set()
            return True

    def _take_back(self, group: _Group, error: BaseException) -> None:
        """Undo the caller's own changes; those of the others stay."""
        if not group.writers:
            self._end(group, error)
            return
        try:
            group.connection.exec_driver_sql(f"ROLLBACK TO {_MINE}")
            group.connection.exec_driver_sql(f"RELEASE {_MINE}")
        except DBAPIError as lost:
            # A full disk or the like has ended the whole transaction already.
            self._end(group, error if isinstance(error, DBAPIError) else lost)
            return
        if not self._left_to_next(group):
            self._end(group)

    def _end(self, group: _Group, error: BaseException | None = None) -> None:
        """Commit, or roll back because of ``error``; tell all who share it."""
        self._group = None
        try:
            if error is None:
                group.connection.commit()
            else:
                group.connection.rollback()
        except BaseException as failed:  # noqa: BLE001 - raised by all who share it
            error = failed
            # SQLite may have left the transaction open: end it with its connection.
            group.connection.invalidate()
        try:
            group.connection.close()
        finally:
            group.error = error
            group.ended.set()
            self._pass_on()
