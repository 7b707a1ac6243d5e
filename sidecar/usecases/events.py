"""Put an event on the road."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.domain.event import OURS, Event
from sidecar.domain.event_routing import CONNECTORS, OWN_WORDS, subscribers_of
from sidecar.errors import (
    AskSomebodyElse,
    ChangeStateFirst,
    FieldViolation,
    MendRequest,
    Reason,
    TryAgain,
)
from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Published:
    """The id of the stored event; of a repeat, that of the first."""

    event_id: str
    duplicate: bool


def publish_event(ports: Ports, caller: Principal, event: Event) -> Published:
    """Store an event durably with a delivery for each subscriber, once.

    Raises ``MendRequest`` for a source or type that belongs to somebody else and
    ``AskSomebodyElse`` when the caller's key is another connector's.
    """
    _check_source(caller, event)
    workspace = caller.workspace
    try:
        with ports.store.transaction() as tx:
            active = tx.connectors.active(workspace)
            subscribers = subscribers_of(event.type, event.ticket_key, active)
            return Published(tx.events.add(workspace, event, subscribers), False)
    except ChangeStateFirst as repeat:
        if repeat.reason is not Reason.ALREADY_EXISTS:
            raise
    with ports.store.reading() as tx:
        known = tx.events.find(workspace, event.source, event.source_event_id)
    if known is None:
        raise TryAgain(Reason.DATABASE_UNAVAILABLE, detail="the first one is gone")
    return Published(known, True)


def check_own(caller: Principal, connector: str) -> None:
    """Raise ``AskSomebodyElse`` when the caller's key is for another connector."""
    if caller.connector and caller.connector != connector:
        said = f"the key of {caller.connector} asks for {connector}"
        raise AskSomebodyElse(Reason.PERMISSION_MISSING, said)


def _check_source(caller: Principal, event: Event) -> None:
    check_own(caller, event.source)
    first = event.type.partition(".")[0]
    if event.source == OURS:
        _refuse("event.source", "Only Deskside itself speaks in this name.")
    if first in OWN_WORDS:
        _refuse("event.type", "Types that begin so are Deskside's own.")
    if first in CONNECTORS and first != event.source:
        _refuse("event.type", "A connector's types belong to events from it.")


def _refuse(field: str, why: str) -> None:
    raise MendRequest(Reason.FIELD_INVALID, (FieldViolation(field, why),))
