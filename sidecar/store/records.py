"""The plain records the store keeps beside the domain's own objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sidecar.domain.access import Role
from sidecar.domain.ids import new_etag

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of results, and the cursor of the next one ('' at the end).

    The cursor is the store's own plain text; rpc signs it before it leaves. ``total``
    counts all pages where the list counts them, else it is 0.
    """

    items: tuple[T, ...]
    next_cursor: str
    total: int = 0


@dataclass(frozen=True, slots=True)
class RequestKey:
    """What makes a request the same: workspace, RPC, id, and digest of its body.

    ``holder`` names this attempt and nothing else: a claim whose lease ran out and
    was taken over can be finished only by the new attempt. Make one key for an
    attempt and use it for ``begin``, ``finish`` and ``abandon``.
    """

    workspace: str
    rpc: str
    request_id: str
    digest: str
    holder: str = field(default_factory=new_etag, compare=False)


@dataclass(frozen=True, slots=True)
class LeaseSeen:
    """A lease that is out, as a sweeper sees it: ``until`` changes when it is renewed.

    ``lease`` is how long it was asked for; both are needed, because ``until`` was
    reckoned by a clock that may have been moved since.
    """

    workspace: str
    delivery: str
    token: str
    lease: timedelta
    until: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A person's short-lived bearer, found by the SHA-256 of its secret."""

    digest: str
    workspace: str
    member_id: str
    role: Role
    actor: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work: ``state`` is queued, running, done, failed or cancelled.

    ``result`` is JSON that is put together when a finished job is asked for;
    ``attempts`` says how often a worker took it up.
    """

    id: str
    workspace: str
    kind: str
    state: str
    done: int
    total: int
    message: str
    created_at: datetime
    updated_at: datetime
    result: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A piece of configuration of a workspace as JSON text, with its etag."""

    name: str
    value: str
    etag: str
