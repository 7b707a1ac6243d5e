"""The store on a relational database: SQLite, MariaDB or MySQL by one code."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sidecar.clock import Clock
from sidecar.store import migrate
from sidecar.store.access import SqlAccess
from sidecar.store.changes import SqlChanges
from sidecar.store.classifications import SqlClassifications
from sidecar.store.classifiers import SqlClassifiers
from sidecar.store.connectors import SqlConnectors
from sidecar.store.context import Context
from sidecar.store.database import (
    Engines,
    failure,
    open_engines,
    parse,
    refusal,
)
from sidecar.store.deliveries import SqlDeliveries
from sidecar.store.documents import SqlDocuments
from sidecar.store.drafts import SqlDrafts
from sidecar.store.escalations import SqlEscalations
from sidecar.store.events import SqlEvents
from sidecar.store.jobs import SqlJobs
from sidecar.store.policies import SqlPolicies
from sidecar.store.quarantine import SqlQuarantine
from sidecar.store.requests import SqlRequests
from sidecar.store.shared_commit import SharedCommit
from sidecar.store.spending import SqlSpending
from sidecar.store.tickets import SqlTickets


class SqlTransaction:
    """All repositories on one connection."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._context = Context(connection, clock)

    @property
    def rung(self) -> frozenset[tuple[str, str]]:
        """Return the (workspace, subscriber) whose deliveries changed."""
        return frozenset(self._context.rung)

    @property
    def requests(self) -> SqlRequests:
        """Answers already given."""
        return SqlRequests(self._context)

    @property
    def tickets(self) -> SqlTickets:
        """Tickets, messages and customers."""
        return SqlTickets(self._context)

    @property
    def classifications(self) -> SqlClassifications:
        """Decisions about tickets."""
        return SqlClassifications(self._context)

    @property
    def classifiers(self) -> SqlClassifiers:
        """Trained classifiers."""
        return SqlClassifiers(self._context)

    @property
    def drafts(self) -> SqlDrafts:
        """Drafts, feedback and templates."""
        return SqlDrafts(self._context)

    @property
    def documents(self) -> SqlDocuments:
        """Documents and passages."""
        return SqlDocuments(self._context)

    @property
    def escalations(self) -> SqlEscalations:
        """Escalations."""
        return SqlEscalations(self._context)

    @property
    def access(self) -> SqlAccess:
        """Keys, members, sessions and the audit log."""
        return SqlAccess(self._context)

    @property
    def events(self) -> SqlEvents:
        """Domain events."""
        return SqlEvents(self._context)

    @property
    def deliveries(self) -> SqlDeliveries:
        """Deliveries of events to their subscribers."""
        return SqlDeliveries(self._context)

    @property
    def connectors(self) -> SqlConnectors:
        """Connectors: how they are set up, what they keep, how they are doing."""
        return SqlConnectors(self._context)

    @property
    def changes(self) -> SqlChanges:
        """What connectors changed at their vendors."""
        return SqlChanges(self._context)

    @property
    def policies(self) -> SqlPolicies:
        """Named configuration."""
        return SqlPolicies(self._context)

    @property
    def quarantine(self) -> SqlQuarantine:
        """What is set aside."""
        return SqlQuarantine(self._context)

    @property
    def jobs(self) -> SqlJobs:
        """Long work."""
        return SqlJobs(self._context)

    @property
    def spending(self) -> SqlSpending:
        """What language models cost."""
        return SqlSpending(self._context)


class _Process:
    """What belongs to one process: its pools and its writers' queue."""

    def __init__(self, engines: Engines) -> None:
        self.pid = os.getpid()
        self.engines = engines
        self.shared_commit = SharedCommit(engines.writer)


class SqlStore:
    """The store of one deployment; safe for threads, and for processes that fork.

    ``url`` is ``sqlite:///file`` or ``mysql+pymysql://user:password@host/name``;
    ``threads`` bounds the connections of a process (twice on MySQL). ``ring`` is told
    after a commit whose deliveries changed. Raises ``Misconfigured`` for an address
    that cannot be right.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        threads: int = 16,
        ring: Callable[[frozenset[tuple[str, str]]], None] = lambda _: None,
    ) -> None:
        self._ring = ring
        self._url = parse(url)
        self._clock = clock
        self._threads = threads
        self._is_sqlite = self._url.get_backend_name() == "sqlite"
        self._opening = threading.Lock()
        self._process: _Process | None = None

    def prepare(self) -> None:
        """Bring the schema up to date: once, however many processes ask.

        Raises ``Misconfigured`` when the database was written by a newer version or
        refuses us, ``TryAgain(DATABASE_UNAVAILABLE)`` when it cannot be reached.
        """
        try:
            migrate.upgrade(self._url)
        except (DBAPIError, PoolTimeout) as error:
            raise (refusal(error) or failure(error, False) or error) from None

    def warm_up(self) -> None:
        """Open connections before a burst of first calls has to wait for each.

        Raises ``TryAgain(DATABASE_UNAVAILABLE)`` when the database cannot be reached.
        """
        if self._is_sqlite:
            return  # opening a file takes no time
        try:
            self._own().engines.warm_up(self._threads)
        except (DBAPIError, PoolTimeout) as error:
            raise (failure(error, reading=True) or error) from None

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[SqlTransaction]:
        """Open a writing transaction; see the port."""
        process = self._own()
        try:
            if self._is_sqlite:
                with process.shared_commit.writing(durable) as connection:
                    opened = SqlTransaction(connection, self._clock)
                    yield opened
            else:
                with process.engines.writer.begin() as connection:
                    opened = SqlTransaction(connection, self._clock)
                    yield opened
        except (DBAPIError, PoolTimeout) as error:
            raise (failure(error, reading=False) or error) from None
        if opened.rung:
            self._ring(opened.rung)

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Open a transaction for reading: one snapshot; see the port."""
        try:
            with self._own().engines.reader.begin() as connection:
                yield SqlTransaction(connection, self._clock)
        except (DBAPIError, PoolTimeout) as error:
            raise (failure(error, reading=True) or error) from None

    def ping(self) -> None:
        """Raise ``TryAgain(DATABASE_UNAVAILABLE)`` unless the database answers."""
        try:
            with self._own().engines.reader.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout) as error:
            raise (failure(error, reading=True) or error) from None

    def close(self) -> None:
        """Release all connections; the next use opens new ones."""
        with self._opening:
            if self._process and self._process.pid == os.getpid():
                self._process.engines.dispose()
            self._process = None

    def _own(self) -> _Process:
        process = self._process
        if process is not None and process.pid == os.getpid():
            return process
        with self._opening:
            if self._process is not None and self._process.pid == os.getpid():
                return self._process
            if self._process is not None:
                # A fork: closing here would end the parent's conversations.
                self._process.engines.dispose(close=False)
            self._process = _Process(open_engines(self._url, self._threads))
            return self._process
