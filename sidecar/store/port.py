"""The store port: one short transaction at a time, one repository per aggregate."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sidecar.store.port_connectors import ChangeRepository, ConnectorRepository
from sidecar.store.port_quarantine import QuarantineRepository
from sidecar.store.port_road import DeliveryRepository, EventRepository
from sidecar.store.port_spending import SpendingRepository
from sidecar.store.port_training import ClassifierRepository
from sidecar.store.records import (
    Job,
    LeaseSeen,
    Page,
    Policy,
    RequestKey,
    Session,
)
from sidecar.store.repositories import (
    AccessRepository,
    ClassificationRepository,
    DocumentRepository,
    DraftRepository,
    EscalationRepository,
    JobRepository,
    PolicyRepository,
    RequestRepository,
    TicketRepository,
)

__all__ = [
    "Job",
    "LeaseSeen",
    "Page",
    "Policy",
    "RequestKey",
    "Session",
    "Store",
    "Transaction",
]


class Transaction(Protocol):
    """All repositories within one database transaction."""

    @property
    def requests(self) -> RequestRepository: ...
    @property
    def tickets(self) -> TicketRepository: ...
    @property
    def classifications(self) -> ClassificationRepository: ...
    @property
    def classifiers(self) -> ClassifierRepository: ...
    @property
    def drafts(self) -> DraftRepository: ...
    @property
    def documents(self) -> DocumentRepository: ...
    @property
    def escalations(self) -> EscalationRepository: ...
    @property
    def access(self) -> AccessRepository: ...
    @property
    def events(self) -> EventRepository: ...
    @property
    def deliveries(self) -> DeliveryRepository: ...
    @property
    def connectors(self) -> ConnectorRepository: ...
    @property
    def changes(self) -> ChangeRepository: ...
    @property
    def policies(self) -> PolicyRepository: ...
    @property
    def quarantine(self) -> QuarantineRepository: ...
    @property
    def jobs(self) -> JobRepository: ...
    @property
    def spending(self) -> SpendingRepository: ...


class Store(Protocol):
    """The database of one deployment; safe to use from many threads."""

    def transaction(self, durable: bool = True) -> AbstractContextManager[Transaction]:
        """Open a writing transaction: committed on leaving, rolled back on exceptions.

        ``durable=False`` may lose the commit on power loss (never on the death of
        a process): for claims and counters.
        Raises ``TryAgain(DATABASE_UNAVAILABLE)`` when the database cannot be
        reached or stays locked.
        """

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a transaction for reading; writing in it raises."""

    def ping(self) -> None:
        """Raise ``TryAgain(DATABASE_UNAVAILABLE)`` unless the database answers."""

    def close(self) -> None:
        """Release all connections."""
