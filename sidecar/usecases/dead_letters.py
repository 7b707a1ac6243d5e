"""Deliveries that were given up: look at them, replay or discard them."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.event import DeadLetter, DeadLetterFilter
from sidecar.store.port import Page
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit


def list_dead_letters(
    ports: Ports, caller: Principal, where: DeadLetterFilter, size: int, cursor: str
) -> Page[DeadLetter]:
    """Return a page of dead letters, newest first."""
    with ports.store.reading() as tx:
        return tx.deliveries.dead(caller.workspace, where, size, cursor)


def replay_dead_letters(
    ports: Ports, caller: Principal, where: DeadLetterFilter, finish: Finish[int]
) -> int:
    """Give those that fit another chance under the same ids; return how many."""
    with ports.store.transaction() as tx:
        count = tx.deliveries.replay(caller.workspace, where)
        target = where.subscriber or "all"
        audit(tx, ports, caller, "dead_letters.replay", target, f"count={count}")
        finish(tx, count)
    return count


def discard_dead_letters(
    ports: Ports, caller: Principal, where: DeadLetterFilter, finish: Finish[int]
) -> int:
    """Throw those that fit away for good; return how many."""
    with ports.store.transaction() as tx:
        count = tx.deliveries.discard(caller.workspace, where)
        target = where.subscriber or "all"
        audit(tx, ports, caller, "dead_letters.discard", target, f"count={count}")
        finish(tx, count)
    return count
