"""Tickets: insert, update and append; reading them is in ``ticket_reads``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from sidecar.domain.ids import new_etag, new_id
from sidecar.domain.ticket import (
    AuthorRole,
    Customer,
    Message,
    Ticket,
)
from sidecar.errors import FieldViolation, MendRequest, ReadAgain, Reason
from sidecar.store import customers
from sidecar.store.context import Record
from sidecar.store.encode import encode_attachments, encode_strings
from sidecar.store.paging import fold
from sidecar.store.tables import messages as m
from sidecar.store.tables import tickets as t
from sidecar.store.threads import Known, Merge, digest, merge, named
from sidecar.store.ticket_removal import TicketRemoval

_KEEP = (
    *(t.c.id, t.c.subject, t.c.customer_id, t.c.channel, t.c.status),
    *(t.c.vendor_priority, t.c.tags, t.c.url, t.c.product_area, t.c.resolution),
    *(t.c.created_at, t.c.updated_at, t.c.stored_at, t.c.sort_at, t.c.etag),
    *(t.c.awaiting_agent, t.c.search_key, t.c.satisfaction),
    *(t.c.assignee, t.c.assigned_at),
)
_LOCK_NAMED = (
    select(*_KEEP)
    .where(
        t.c.workspace == bindparam("of"),
        t.c.connector == bindparam("by"),
        t.c.external_id == bindparam("as_"),
    )
    .with_for_update()
)
_LOCK = (
    select(*_KEEP)
    .where(t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id"))
    .with_for_update()
)
_UPDATE = update(t).where(
    t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id")
)
_INDEXED = (
    update(t)
    .where(
        t.c.workspace == bindparam("of"),
        t.c.id == bindparam("own_id"),
        t.c.etag == bindparam("seen"),
    )
    .values(unindexed_at=None)
)
_UNINDEX = (
    update(t)
    .where(t.c.workspace == bindparam("of"))
    .values(unindexed_at=bindparam("since"))
)
_COUNT = select(func.count()).where(t.c.workspace == bindparam("of"))
_KNOWN = (
    select(
        *(m.c.id, m.c.external_id, m.c.digest, m.c.position),
        *(m.c.sent_at, m.c.author_role, m.c.internal),
    )
    .where(m.c.workspace == bindparam("of"), m.c.ticket_id == bindparam("in_ticket"))
    .order_by(m.c.position)
)
_MESSAGE = update(m).where(
    m.c.workspace == bindparam("of"),
    m.c.ticket_id == bindparam("in_ticket"),
    m.c.id == bindparam("own_id"),
)
# What a vendor's clock says, and who is in charge, is no change of what is said in it.
_SILENT = frozenset({"updated_at", "created_at", "sort_at", "assignee", "assigned_at"})


class SqlTickets(TicketRemoval):
    """Tickets with their messages and customers."""

    def upsert(self, workspace: str, ticket: Ticket) -> Ticket:
        """Insert or update by (workspace, connector, external_id); see the port."""
        if not ticket.external_id:
            missing = FieldViolation("ticket.external_id", "is required")
            raise MendRequest(Reason.FIELD_REQUIRED, (missing,))
        place = {"of": workspace, "by": ticket.connector, "as_": ticket.external_id}
        found = self._context.run(_LOCK_NAMED, place).first()
        if found is None:
            stored = self._insert(workspace, ticket)
            if stored is not None:
                return stored
            found = self._context.run(_LOCK_NAMED, place).one()
        return self._update(workspace, ticket, found)

    def _insert(self, workspace: str, ticket: Ticket) -> Ticket | None:
        now = self._context.now()
        who, _ = customers.keep(self._context, workspace, ticket, may_replace=True)
        thread = merge((), named(ticket.messages), now)
        fields = _fields(ticket, who)
        row: dict[str, Any] = {
            "workspace": workspace,
            "id": new_id("tkt", now),
            "connector": ticket.connector,
            "external_id": ticket.external_id,
            "resolution": ticket.resolution,
            "satisfaction": 0,
            "created_at": ticket.created_at,
            "updated_at": ticket.updated_at,
            "stored_at": now,
            "sort_at": ticket.updated_at or now,
            "etag": new_etag(),
            "unindexed_at": now,
            "awaiting_agent": thread.awaiting_agent,
            "assignee": ticket.assignee or None,
            "assigned_at": None,
            **fields,
        }
        inserted = self._context.insert_or_keep(t, row)
        if inserted is None:
            place = {"of": workspace, "by": ticket.connector, "as_": ticket.external_id}
            inserted = self._context.run(_LOCK_NAMED, place).one().id == row["id"]
        if not inserted:
            return None
        self._write(workspace, row["id"], thread)
        kept = tuple(message for _, message in thread.added)
        stored = replace(ticket, messages=kept, customer=who, assigned_at=None)
        return replace(stored, id=row["id"], etag=row["etag"])

    def _update(self, workspace: str, ticket: Ticket, old: Record) -> Ticket:
        now = self._context.now()
        stale = bool(
            ticket.updated_at and old.updated_at and ticket.updated_at < old.updated_at
        )
        known = self._known(workspace, old.id)
        incoming = named(ticket.messages)
        thread = merge(known, incoming, now, may_replace=not stale)
        fields: dict[str, Any] = {}
        who_changed = False
        if not stale:
            who, who_changed = customers.keep(
                self._context, workspace, ticket, may_replace=True
            )
            fields = _fields(ticket, who, old) | _charge(ticket.assignee, old, now)
            fields["created_at"] = ticket.created_at or old.created_at
            if ticket.updated_at:
                fields["updated_at"] = ticket.updated_at
                fields["sort_at"] = ticket.updated_at
            if ticket.resolution:
                fields["resolution"] = ticket.resolution
        changed = _different(fields, old)
        content = bool(
            who_changed or thread.changes_content or changed.keys() - _SILENT
        )
        self._save(workspace, old, thread, changed, content, now)
        stored = self.get(workspace, old.id)
        assert stored is not None
        return stored

    def _save(
        self,
        workspace: str,
        old: Record,
        thread: Merge,
        changed: dict[str, Any],
        content: bool,
        now: datetime,
    ) -> None:
        if thread.awaiting_agent != old.awaiting_agent:
            changed["awaiting_agent"] = thread.awaiting_agent
        if content:
            changed |= {"etag": new_etag(), "unindexed_at": now}
            if old.updated_at is None:
                changed.setdefault("sort_at", now)
        if changed:
            values = {"of": workspace, "own_id": old.id, **changed}
            self._context.changed(_UPDATE, values)
        self._write(workspace, old.id, thread)

    def _write(self, workspace: str, ticket_id: str, thread: Merge) -> None:
        place = {"workspace": workspace, "ticket_id": ticket_id}
        rows = [
            {**place, "id": message.id, **_message(position, message)}
            for position, message in thread.added
        ]
        self._context.insert_many(m, rows)
        where = {"of": workspace, "in_ticket": ticket_id}
        for position, message in thread.replaced:
            values = {**where, "own_id": message.id, **_message(position, message)}
            self._context.changed(_MESSAGE, values)
        if thread.moved:
            self._context.run(
                _MESSAGE,
                [
                    {**where, "own_id": own_id, "position": position}
                    for own_id, position in thread.moved
                ],
            )

    def _known(self, workspace: str, ticket_id: str) -> list[Known]:
        rows = self._context.run(_KNOWN, {"of": workspace, "in_ticket": ticket_id})
        return [
            Known(own_id, external, mark, position, sent, AuthorRole(role), internal)
            for own_id, external, mark, position, sent, role, internal in rows
        ]

    def add_message(
        self, workspace: str, ticket_id: str, message: Message, etag: str
    ) -> Ticket | None:
        """Append a message, or replace the one with its external id; see the port."""
        found = self._context.run(_LOCK, {"of": workspace, "own_id": ticket_id}).first()
        if found is None:
            return None
        if etag and etag != found.etag:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        known = self._known(workspace, ticket_id)
        now = self._context.now()
        thread = merge(known, named([message], known), now)
        content = thread.changes_content
        self._save(workspace, found, thread, {}, content, now)
        return self.get(workspace, ticket_id)

    def set_resolution(
        self, workspace: str, ticket_id: str, text: str, satisfaction: int
    ) -> Ticket | None:
        """Record what solved the ticket; ``satisfaction`` 1..5, 0 unknown."""
        found = self._context.run(_LOCK, {"of": workspace, "own_id": ticket_id}).first()
        if found is None:
            return None
        told = {"resolution": text, "satisfaction": satisfaction}
        changed = _different(told, found)
        if changed:
            changed |= {"etag": new_etag(), "unindexed_at": self._context.now()}
            values = {"of": workspace, "own_id": ticket_id, **changed}
            self._context.changed(_UPDATE, values)
        return self.get(workspace, ticket_id)

    def mark_indexed(self, workspace: str, ticket_id: str, etag: str) -> None:
        """Remember that this version is in the index."""
        values = {"of": workspace, "own_id": ticket_id, "seen": etag}
        self._context.run(_INDEXED, values)

    def count(self, workspace: str) -> int:
        """Return how many tickets there are."""
        return int(self._context.run(_COUNT, {"of": workspace}).scalar_one())

    def unmark_indexed(self, workspace: str) -> int:
        """Ask for every ticket to be indexed anew; return how many there are."""
        now = self._context.now()
        return self._context.run(_UNINDEX, {"of": workspace, "since": now}).rowcount


def _fields(ticket: Ticket, who: Customer, old: Record | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "subject": ticket.subject,
        "channel": ticket.channel,
        "status": ticket.status.value,
        "vendor_priority": ticket.vendor_priority,
        "tags": encode_strings(ticket.tags),
        "url": ticket.url,
        "product_area": ticket.product_area,
    }
    subject = fold(ticket.subject)
    if who.id or old is None:
        # An update that names nobody does not make the customer unknown.
        fields["customer_id"] = who.id or None
        around = (ticket.external_id, who.name, who.email, "")
        fields["search_key"] = "\n".join(map(fold, around)) + subject
    elif old.subject != ticket.subject:
        before = len(old.search_key) - len(fold(old.subject))
        fields["search_key"] = old.search_key[:before] + subject
    return fields


def _charge(assignee: str, old: Record, now: datetime) -> dict[str, Any]:
    """Return who is in charge and, when that has changed, since when."""
    if (old.assignee or "") == assignee:
        return {}
    return {"assignee": assignee or None, "assigned_at": now if assignee else None}


def _different(fields: dict[str, Any], old: Record) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if getattr(old, name) != value
    }


def _message(position: int, message: Message) -> dict[str, Any]:
    return {
        "position": position,
        "external_id": message.external_id,
        "digest": digest(message),
        "author_role": message.author.role.value,
        "author_external_id": message.author.external_id,
        "author_name": message.author.name,
        "body": message.body,
        "internal": message.internal,
        "sent_at": message.sent_at,
        "attachments": encode_attachments(message.attachments),
    }
