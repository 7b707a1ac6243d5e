"""Customers: one row a person and helpdesk, made and kept up by their tickets."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from sidecar.domain.ids import new_id
from sidecar.domain.ticket import Customer, CustomerTier, Ticket
from sidecar.store.context import Context, Record
from sidecar.store.tables import customers as t

COLUMNS = (t.c.external_id, t.c.email, t.c.name, t.c.tier, t.c.id)
_BY_IDENTITY = (
    select(*COLUMNS)
    .where(t.c.workspace == bindparam("of"), t.c.identity == bindparam("who"))
    .with_for_update()
)
_BY_ID = select(*COLUMNS).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)
_UPDATE = update(t).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)


def identity(ticket: Ticket) -> str:
    """Return what makes two customers the same person, '' when nothing is known.

    The vendor's id decides, else the address; who has neither is a person of this
    ticket only. Ids of two helpdesks never mean the same person.
    """
    who = ticket.customer
    if who.external_id:
        parts = ("id", ticket.connector, who.external_id)
    elif who.email:
        parts = ("email", "", who.email.casefold())
    elif who.name:
        parts = ("ticket", ticket.connector, ticket.external_id)
    else:
        return ""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()


def read(row: Record) -> Customer:
    """Make a customer of the five columns ``COLUMNS``."""
    external_id, email, name, tier, own_id = row
    return Customer(external_id, email, name, CustomerTier(tier), own_id)


def get(context: Context, workspace: str, customer_id: str) -> Customer | None:
    """Return a customer by our id."""
    found = context.run(_BY_ID, {"of": workspace, "own_id": customer_id}).first()
    return read(found) if found else None


def keep(
    context: Context, workspace: str, ticket: Ticket, may_replace: bool
) -> tuple[Customer, bool]:
    """Store the ticket's customer; return it and whether its row was touched.

    A field that this ticket does not know keeps what an earlier one told.
    """
    who = identity(ticket)
    if not who:
        return Customer(), False
    place = {"of": workspace, "who": who}
    found = context.run(_BY_IDENTITY, place).first()
    if found is None:
        new = replace(ticket.customer, id=new_id("cus", context.now()))
        row = {
            "workspace": workspace,
            "identity": who,
            "id": new.id,
            "external_id": new.external_id,
            "email": new.email,
            "name": new.name,
            "tier": new.tier.value,
        }
        if context.insert_or_keep(t, row):
            return new, True
        found = context.run(_BY_IDENTITY, place).one()
        if found.id == new.id:
            return new, True
    old = read(found)
    return (
        _update(context, workspace, old, ticket.customer)
        if may_replace
        else (
            old,
            False,
        )
    )


def _update(
    context: Context, workspace: str, old: Customer, told: Customer
) -> tuple[Customer, bool]:
    new = replace(
        old, email=told.email or old.email, name=told.name or old.name, tier=told.tier
    )
    if new == old:
        return old, False
    values = {"email": new.email, "name": new.name, "tier": new.tier.value}
    context.changed(_UPDATE, {"of": workspace, "own_id": old.id, **values})
    return new, True
