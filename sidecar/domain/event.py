"""Events and their deliveries: what travels on the one road, and when it is retried."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

OURS = "deskside"
"""The source of our own events."""

MAX_PAYLOAD_BYTES = 256 * 1024
MAX_RESULT_BYTES = 64 * 1024
MAX_ATTEMPTS = 5
"""Attempts count when they begin: an event that kills its worker uses them up too.

One that ends with its worker's death is not counted when it was not the event's doing,
as far as can be seen; see ``domain.expiry``.
"""

LONGEST_WAIT = timedelta(hours=1)
"""A vendor may ask for no more; a due time further off tells of a moved clock."""

PATIENCE = timedelta(days=1)
"""How long a vendor may ask to wait, again and again, before attempts count."""

_FIRST_PAUSE = timedelta(seconds=4)
_FACTOR = 4
_LONGEST_PAUSE = timedelta(minutes=15)


class DeliveryState(Enum):
    """Where a delivery stands; one that failed and waits is PENDING with attempts."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


class FailureKind(Enum):
    """What shall become of a failed delivery."""

    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``payload`` is JSON text of ``schema_version``.

    Of one ``ticket_key`` (``connector:external_id``) and subscriber only one delivery
    is out at a time; '' means no order. Repeats are known by ``source_event_id``, ''
    of our own; ``occurred_at`` None is the moment of storing.
    """

    type: str
    source: str
    source_event_id: str
    payload: str = "{}"
    occurred_at: datetime | None = None
    schema_version: int = 1
    ticket_key: str = ""
    ticket_id: str = ""
    trace_parent: str = ""
    id: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A delivery that is out; ``token`` is new with every lease, ``attempt`` from 1.

    ``work_alone`` asks the worker to have nothing else in hand meanwhile: the last
    lease ran out, and the event may be what killed the worker.
    """

    delivery_id: str
    token: str
    event: Event
    attempt: int
    expires_at: datetime
    work_alone: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a delivery failed; ``retry_after`` is the least wait the vendor asked for."""

    kind: FailureKind
    reason: str = ""
    message: str = ""
    retry_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery somebody has: what its holder must show, and how often it was out."""

    subscriber: str
    attempts: int
    state: DeliveryState
    token: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that is given up; a person replays or discards it."""

    delivery_id: str
    subscriber: str
    event: Event
    attempts: int
    reason: str
    message: str
    died_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Which dead letters; every part that is set must hold."""

    subscriber: str = ""
    type: str = ""
    reason: str = ""
    died_from: datetime | None = None
    died_before: datetime | None = None
    delivery_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a subscriber; ``oldest`` is the oldest event not dealt with."""

    pending: int
    dead: int
    recent_errors: int
    oldest: datetime | None
    latest: datetime | None = None


def delivery_id(event_id: str, subscriber: str) -> str:
    """Return the name of a delivery: there is one per event and subscriber."""
    return f"{event_id}.{subscriber}"


def split_delivery_id(given: str) -> tuple[str, str]:
    """Return event id and subscriber; ('', '') for what cannot be a delivery."""
    event_id, dot, subscriber = given.partition(".")
    return (event_id, subscriber) if dot else ("", "")


def pause_after(attempt: int, retry_after: timedelta, share: float) -> timedelta:
    """Return how long to wait after failed ``attempt`` (from 1); ``share`` is 0..1.

    Exponential with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
    Architecture Blog, 2015), and never less than the vendor asked, up to an hour.
    """
    most = min(_FIRST_PAUSE * float(_FACTOR ** max(attempt - 1, 0)), _LONGEST_PAUSE)
    asked = min(max(retry_after, timedelta(0)), LONGEST_WAIT)
    return max(most * share, asked)


def pause_asked(age: timedelta, retry_after: timedelta, share: float) -> timedelta:
    """Return how long to wait when somebody asked for it; ``age`` is the event's.

    That is not the event's fault and counts no attempt, so what makes the pauses
    longer is how long it has been going on: up to a quarter of that again.
    """
    more = min(age / 4, _LONGEST_PAUSE) * share
    return max(min(retry_after, LONGEST_WAIT), more)


def jitter() -> float:
    """Return a number of 0..1 for ``pause_after``."""
    return random.random()  # noqa: S311 - only a pause
