"""Resolving which ticket a call is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.domain.access import Principal
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.errors import (
    FieldViolation,
    LookElsewhere,
    MendRequest,
    Reason,
)
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Ports, Target

HISTORY_SIZE = 20


def stored_target(ports: Ports, caller: Principal, target: Target) -> Ticket:
    """Return the ticket as stored; one given inline is stored first.

    Storing alone causes no effect outside and is repeatable, so it needs no durable
    commit of its own: the transaction with the effects carries it to the disk.
    """
    with resolving(ports, caller, target) as (ticket, _):
        return ticket


@contextmanager
def resolving(
    ports: Ports, caller: Principal, target: Target
) -> Iterator[tuple[Ticket, Transaction]]:
    """Resolve as ``stored_target`` does; more can be read in the same transaction."""
    if target.ticket is not None:
        with ports.store.transaction(durable=False) as tx:
            yield tx.tickets.upsert(caller.workspace, target.ticket), tx
    else:
        with ports.store.reading() as tx:
            yield require_ticket(tx, caller, target.ticket_id), tx


def require_ticket(tx: Transaction, caller: Principal, ticket_id: str) -> Ticket:
    """Return the ticket or raise ``LookElsewhere``.

    Another workspace's is not there.
    """
    if not ticket_id:
        violation = FieldViolation("ticket_id", "give a ticket or the id of one")
        raise MendRequest(Reason.FIELD_REQUIRED, (violation,))
    ticket = tx.tickets.get(caller.workspace, ticket_id)
    if ticket is None:
        raise LookElsewhere(Reason.TICKET_NOT_FOUND, f"ticket {ticket_id}")
    return ticket


def history_of(
    tx: Transaction, caller: Principal, ticket: Ticket
) -> CustomerHistory | None:
    """Return what else is known of the ticket's customer."""
    if not ticket.customer.id:
        return None
    return tx.tickets.history(
        caller.workspace, ticket.customer.id, HISTORY_SIZE, ticket.id
    )
