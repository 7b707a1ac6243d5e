"""The repositories of the event road: part of the store port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sidecar.domain.event import (
    Backlog,
    DeadLetter,
    DeadLetterFilter,
    DeliveryState,
    Event,
    Failure,
    Held,
    Lease,
)
from sidecar.store.records import LeaseSeen, Page


class EventRepository(Protocol):
    """Events of all sources, each stored once."""

    def add(self, workspace: str, event: Event, subscribers: Sequence[str]) -> str:
        """Store it with a delivery for each of ``subscribers`` and return its id.

        Raises ``ChangeStateFirst(ALREADY_EXISTS)`` for a repeat, known by source and
        source_event_id; the transaction must end then.
        """

    def find(self, workspace: str, source: str, source_event_id: str) -> str | None:
        """Return our id of an event its source knows by another."""

    def ticket_key(self, workspace: str, ticket_id: str) -> str:
        """Return ``connector:external_id`` of a ticket, '' when it is not there."""

    def purge(self, before: datetime, limit: int) -> int:
        """Delete old ones that all subscribers have dealt with; return how many."""


class DeliveryRepository(Protocol):
    """Deliveries: pending, leased by a worker that shows a token, done or dead.

    ``delivery`` names one as ``domain.event.delivery_id`` does.
    """

    def has_due(self, workspace: str, subscriber: str) -> bool:
        """Say whether a lease would find something, whatever its type."""

    def lease(
        self,
        workspace: str,
        subscriber: str,
        types: Sequence[str],
        limit: int,
        lease: timedelta,
        worker: str,
    ) -> Sequence[Lease]:
        """Hand out what is due, oldest first, of each ticket one and in order.

        The attempt counts from now. Empty ``types`` lets all through; a trailing
        ``*`` stands for any ending. One whose last lease ran out comes by itself.
        """

    def get(self, workspace: str, delivery: str) -> Held | None:
        """Return where a delivery stands."""

    def renew(
        self, workspace: str, delivery: str, token: str, lease: timedelta
    ) -> datetime | None:
        """Begin the lease anew and return its end; None when it was lost."""

    def complete(self, workspace: str, delivery: str, token: str, result: str) -> bool:
        """End it, with JSON of what came of it; False when the lease was lost."""

    def give_back(
        self,
        workspace: str,
        delivery: str,
        token: str,
        pause: timedelta,
        attempts: int,
        why: Failure,
    ) -> datetime | None:
        """Let it wait and return until when; None when the lease was lost."""

    def bury(self, workspace: str, delivery: str, token: str, why: Failure) -> bool:
        """Give it up; False when the lease was lost."""

    def withdraw(self, workspace: str, event_id: str, subscriber: str) -> bool:
        """Take a delivery that nobody took out off the road; False when it was."""

    def leased(self) -> Sequence[LeaseSeen]:
        """Return every lease that is out, of all workspaces, for the sweeper."""

    def take_back(self, seen: LeaseSeen) -> DeliveryState | None:
        """Arm an expired lease again, once; None when it was renewed or ended.

        DEAD when it seems to be what kills its workers (``domain.expiry``), else
        PENDING, and handed out by itself from then on.
        """

    def left_by(
        self, workspace: str, subscriber: str, worker: str
    ) -> Sequence[LeaseSeen]:
        """Return what is out under the name of one worker."""

    def dead(
        self, workspace: str, where: DeadLetterFilter, size: int, cursor: str
    ) -> Page[DeadLetter]:
        """Return a stable page of dead letters, newest first."""

    def replay(self, workspace: str, where: DeadLetterFilter) -> int:
        """Give those that fit another chance, attempts reset; return how many."""

    def discard(self, workspace: str, where: DeadLetterFilter) -> int:
        """Throw those that fit away; return how many."""

    def backlog(self, workspace: str, subscriber: str, since: datetime) -> Backlog:
        """Return what waits; errors are counted from ``since``."""

    def result(
        self, workspace: str, event_id: str, subscriber: str
    ) -> dict[str, Any] | None:
        """Return what came of a finished delivery; None while it is under way."""
