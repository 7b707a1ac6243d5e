"""Reading tickets: one, many, lists, history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVarTuple

from sqlalchemy import Select, and_, bindparam, case, func, select

from sidecar.domain.classification import Sentiment
from sidecar.domain.ticket import (
    Author,
    AuthorRole,
    Customer,
    CustomerHistory,
    CustomerTier,
    Message,
    Ticket,
    TicketFilter,
    TicketStatus,
)
from sidecar.store import customers
from sidecar.store.context import Context, Record
from sidecar.store.encode import decode_attachments, decode_strings
from sidecar.store.paging import BATCH, before, contains, moment_cursor
from sidecar.store.port import Page
from sidecar.store.tables import customers as c
from sidecar.store.tables import messages as m
from sidecar.store.tables import tickets as t

Columns = TypeVarTuple("Columns")

_FINISHED = [status.value for status in TicketStatus if status.is_finished]

_TICKET = select(
    *(t.c.external_id, t.c.connector, t.c.subject, t.c.channel, t.c.status),
    *(t.c.vendor_priority, t.c.tags, t.c.url, t.c.product_area, t.c.resolution),
    *(t.c.created_at, t.c.updated_at, t.c.id, t.c.etag, t.c.sort_at),
    *(t.c.workspace, t.c.assignee, t.c.assigned_at),
    c.c.external_id.label("customer_external_id"),
    c.c.email.label("customer_email"),
    c.c.name.label("customer_name"),
    c.c.tier.label("customer_tier"),
    c.c.id.label("customer_own_id"),
).select_from(
    t.outerjoin(c, and_(c.c.workspace == t.c.workspace, c.c.id == t.c.customer_id))
)
_ONE = _TICKET.where(t.c.workspace == bindparam("of"), t.c.id == bindparam("own_id"))
_NAMED = _TICKET.where(
    t.c.workspace == bindparam("of"),
    t.c.connector == bindparam("by"),
    t.c.external_id == bindparam("as_"),
)
_MANY = _TICKET.where(
    t.c.workspace == bindparam("of"), t.c.id.in_(bindparam("ids", expanding=True))
)
_UNINDEXED = (
    select(t.c.workspace, t.c.id)
    .where(t.c.unindexed_at.is_not(None))
    .order_by(t.c.unindexed_at)
    .limit(bindparam("limit"))
)
_MESSAGES = (
    select(
        *(m.c.external_id, m.c.author_role, m.c.author_external_id, m.c.author_name),
        *(m.c.body, m.c.internal, m.c.sent_at, m.c.attachments, m.c.id, m.c.ticket_id),
    )
    .where(
        m.c.workspace == bindparam("of"),
        m.c.ticket_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(m.c.ticket_id, m.c.position)
)


def _other(condition: Any) -> Any:
    other = t.c.id != bindparam("without")
    return func.coalesce(func.sum(case((and_(other, condition), 1), else_=0)), 0)


_COUNTS = select(
    _other(t.c.id == t.c.id),
    _other(t.c.status.not_in(_FINISHED)),
    _other(t.c.latest_sentiment == Sentiment.ANGRY.value),
    func.min(t.c.created_at),
    func.min(t.c.stored_at),
).where(t.c.workspace == bindparam("of"), t.c.customer_id == bindparam("who"))
_RECENT = (
    _TICKET.where(
        t.c.workspace == bindparam("of"),
        t.c.customer_id == bindparam("who"),
        t.c.id != bindparam("without"),
    )
    .order_by(t.c.sort_at.desc(), t.c.id.desc())
    .limit(bindparam("limit"))
)


_LENGTHS = (
    select(m.c.ticket_id, func.count().label("length"))
    .where(
        m.c.workspace == bindparam("of"),
        m.c.ticket_id.in_(bindparam("ids", expanding=True)),
    )
    .group_by(m.c.ticket_id)
)


class TicketReads:
    """The reading half of the ticket repository."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, workspace: str, ticket_id: str) -> Ticket | None:
        """Return the ticket with all messages in order."""
        row = self._context.run(_ONE, {"of": workspace, "own_id": ticket_id}).first()
        return self._whole(workspace, row)

    def find(self, workspace: str, connector: str, external_id: str) -> Ticket | None:
        """Return the ticket a vendor knows under ``external_id``."""
        place = {"of": workspace, "by": connector, "as_": external_id}
        return self._whole(workspace, self._context.run(_NAMED, place).first())

    def _whole(self, workspace: str, row: Record | None) -> Ticket | None:
        if row is None:
            return None
        return _ticket(row, self._messages(workspace, [row.id]).get(row.id, ()))

    def get_many(self, workspace: str, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Return those that exist, with messages, by id."""
        found: dict[str, Ticket] = {}
        wanted = list(dict.fromkeys(ticket_ids))
        for start in range(0, len(wanted), BATCH):
            ids = wanted[start : start + BATCH]
            rows = self._context.run(_MANY, {"of": workspace, "ids": ids}).all()
            threads = self._messages(workspace, [row.id for row in rows])
            for row in rows:
                found[row.id] = _ticket(row, threads.get(row.id, ()))
        return found

    def message_counts(
        self, workspace: str, ticket_ids: Sequence[str]
    ) -> dict[str, int]:
        """Return how many messages each of the tickets has."""
        found: dict[str, int] = {}
        for start in range(0, len(ticket_ids), BATCH):
            chosen = {"of": workspace, "ids": ticket_ids[start : start + BATCH]}
            rows = self._context.run(_LENGTHS, chosen)
            found.update((row.ticket_id, row.length) for row in rows)
        return found

    def heads(self, workspace: str, ticket_ids: Sequence[str]) -> dict[str, Ticket]:
        """Return those that exist, without messages, by id."""
        found: dict[str, Ticket] = {}
        wanted = list(dict.fromkeys(ticket_ids))
        for start in range(0, len(wanted), BATCH):
            chosen = {"of": workspace, "ids": wanted[start : start + BATCH]}
            rows = self._context.run(_MANY, chosen)
            found.update((row.id, _ticket(row)) for row in rows)
        return found

    def _messages(
        self, workspace: str, ids: list[str]
    ) -> dict[str, tuple[Message, ...]]:
        threads: dict[str, list[Message]] = {}
        if ids:
            rows = self._context.run(_MESSAGES, {"of": workspace, "ids": ids})
            for row in rows:
                threads.setdefault(row.ticket_id, []).append(_message(row))
        return {ticket_id: tuple(items) for ticket_id, items in threads.items()}

    def page(
        self, workspace: str, where: TicketFilter, size: int, cursor: str
    ) -> Page[Ticket]:
        """Return a stable page (updated_at descending, id), without messages."""
        # First the ids, from the index alone; MariaDB would fetch every row it skips.
        query = _filtered(
            select(t.c.id, t.c.sort_at).where(t.c.workspace == workspace), where
        )
        if cursor:
            query = query.where(before(t.c.sort_at, t.c.id, cursor))
        query = query.order_by(t.c.sort_at.desc(), t.c.id.desc()).limit(size + 1)
        keys = self._context.run(query).all()
        chosen = {"of": workspace, "ids": [own_id for own_id, _ in keys[:size]]}
        found = {row.id: _ticket(row) for row in self._context.run(_MANY, chosen)}
        # One deleted between the two questions is simply not there.
        items = tuple(found[own_id] for own_id in chosen["ids"] if own_id in found)
        more = len(keys) > size > 0
        last = keys[size - 1] if more else None
        return Page(items, moment_cursor(last.sort_at, last.id) if last else "")

    def customer(self, workspace: str, customer_id: str) -> Customer | None:
        """Return a customer by our id."""
        return customers.get(self._context, workspace, customer_id)

    def history(
        self, workspace: str, customer_id: str, limit: int, exclude_ticket: str
    ) -> CustomerHistory | None:
        """Return the customer's history, newest first, without ``exclude_ticket``."""
        customer = customers.get(self._context, workspace, customer_id)
        if customer is None:
            return None
        place = {"of": workspace, "who": customer_id, "without": exclude_ticket}
        counts = self._context.run(_COUNTS, place).one()
        total, unfinished, angry, created, stored = counts
        recent = self._context.run(_RECENT, {**place, "limit": limit})
        return CustomerHistory(
            customer=customer,
            total=int(total),
            open=int(unfinished),
            first_seen_at=min((at for at in (created, stored) if at), default=None),
            recent=tuple(_ticket(row) for row in recent),
            angry_count=int(angry),
        )

    def unindexed(self, limit: int) -> list[tuple[str, Ticket]]:
        """Return (workspace, ticket) whose newest etag is not in the index yet."""
        keys = self._context.run(_UNINDEXED, {"limit": limit}).all()
        by_workspace: dict[str, list[str]] = {}
        for workspace, own_id in keys:
            by_workspace.setdefault(workspace, []).append(own_id)
        found = {
            workspace: self.get_many(workspace, ids)
            for workspace, ids in by_workspace.items()
        }
        return [
            (workspace, found[workspace][own_id])
            for workspace, own_id in keys
            if own_id in found[workspace]
        ]


def _filtered(query: Select[*Columns], where: TicketFilter) -> Select[*Columns]:
    equal = {
        "latest_category": where.category,
        "latest_sentiment": where.sentiment,
        "latest_severity": where.severity,
        "status": where.status.value if where.status else "",
        "customer_id": where.customer_id,
        "connector": where.connector,
    }
    for name, value in equal.items():
        if value:
            query = query.where(t.c[name] == value)
    if where.risk_min > 0:
        query = query.where(t.c.latest_risk >= where.risk_min)
    if where.unattended:
        query = query.where(t.c.awaiting_agent.is_(True), t.c.status.not_in(_FINISHED))
    if where.text:
        query = query.where(contains(t.c.search_key, where.text))
    return query


def _ticket(row: Record, messages: Iterable[Message] = ()) -> Ticket:
    customer = Customer()
    if row.customer_own_id is not None:
        customer = Customer(
            external_id=row.customer_external_id,
            email=row.customer_email,
            name=row.customer_name,
            tier=CustomerTier(row.customer_tier),
            id=row.customer_own_id,
        )
    return Ticket(
        external_id=row.external_id,
        connector=row.connector,
        subject=row.subject,
        messages=tuple(messages),
        customer=customer,
        channel=row.channel,
        status=TicketStatus(row.status),
        vendor_priority=row.vendor_priority,
        tags=decode_strings(row.tags),
        url=row.url,
        product_area=row.product_area,
        resolution=row.resolution,
        created_at=row.created_at,
        updated_at=row.updated_at,
        id=row.id,
        etag=row.etag,
        assignee=row.assignee or "",
        assigned_at=row.assigned_at,
    )


def _message(row: Record) -> Message:
    external_id, role, author_id, name, body, internal, sent, files, own_id, _ = row
    return Message(
        external_id=external_id,
        author=Author(AuthorRole(role), author_id, name),
        body=body,
        internal=internal,
        sent_at=sent,
        attachments=decode_attachments(files),
        id=own_id,
    )
