"""What every use case is given: the ports, and how it reports a finished request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sidecar.cache.port import Cache, Doorbell
from sidecar.clock import Clock
from sidecar.domain.ticket import Ticket
from sidecar.embedder.port import Embedder
from sidecar.index.port import Index
from sidecar.llm.port import Engine
from sidecar.parser.port import Parser
from sidecar.safety.port import Passwords, Safety, Vault
from sidecar.store.port import Store, Transaction

R = TypeVar("R")

# Called inside the use case's last transaction with its result, so that the answer
# to a request id is saved together with the effects, or not at all.
Finish = Callable[[Transaction, R], None]

# Asked between steps of long work: raises when the caller has gone away or its
# deadline has passed, so that nobody works for nobody.
StillWanted = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that a use case may touch, chosen once in bootstrap."""

    store: Store
    index: Index
    embedder: Embedder
    engine: Engine
    parser: Parser
    safety: Safety
    passwords: Passwords
    vault: Vault
    cache: Cache
    doorbell: Doorbell
    clock: Clock


@dataclass(frozen=True, slots=True)
class Target:
    """Which ticket is meant.

    One given inline (stored first), or the id of a stored one.
    """

    ticket: Ticket | None = None
    ticket_id: str = ""


def unsaved(_transaction: Transaction, _result: object) -> None:
    """Serve as ``Finish`` for callers that have no request id."""


def always_wanted() -> None:
    """Serve as ``StillWanted`` for callers that never go away."""
