"""Tickets, messages and customers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from google.protobuf.timestamp_pb2 import Timestamp

from sidecar.domain.text import visible_line
from sidecar.domain.ticket import (
    Attachment,
    Author,
    Customer,
    Message,
    Ticket,
)
from sidecar.errors import invalid
from sidecar.rpc.translate import enums, limits
from sidecar.usecases.ports import Target
from sidecar.v1 import ticket_pb2

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any


def target(request: Any) -> Target:
    """Return which ticket is meant by ``ticket`` or ``ticket_id``; one is required."""
    if request.HasField("ticket"):
        return Target(ticket=inline(request.ticket))
    return Target(
        ticket_id=limits.identifier("ticket_id", request.ticket_id, required=True)
    )


def inline(message: ticket_pb2.Ticket) -> Ticket:
    """Return a ticket given within a request.

    One without ``external_id`` gets it from its content, so that the same text sent
    twice is the same ticket.
    """
    ticket = incoming(message)
    if ticket.external_id:
        return ticket
    return _with_derived_id(ticket)


def incoming(message: ticket_pb2.Ticket, field: str = "ticket") -> Ticket:
    """Return the ticket, every field checked; ``id`` is ours and ignored."""
    limits.check_count(f"{field}.messages", len(message.messages), limits.MAX_MESSAGES)
    return Ticket(
        external_id=limits.identifier(f"{field}.external_id", message.external_id),
        connector=_connector(field, message.connector),
        subject=limits.line(f"{field}.subject", message.subject, limits.MAX_SUBJECT),
        messages=tuple(
            incoming_message(item, f"{field}.messages[{i}]")
            for i, item in enumerate(message.messages)
        ),
        customer=_customer(message.customer, f"{field}.customer"),
        channel=limits.choice(f"{field}.channel", message.channel, enums.CHANNEL_IN),
        status=limits.choice(f"{field}.status", message.status, enums.STATUS_IN),
        vendor_priority=limits.line(
            f"{field}.vendor_priority", message.vendor_priority, limits.MAX_WORD
        ),
        tags=limits.words(
            f"{field}.tags", message.tags, most=limits.MAX_TAGS, longest=limits.MAX_TAG
        ),
        url=web_address(f"{field}.url", message.url),
        product_area=limits.line(
            f"{field}.product_area", message.product_area, limits.MAX_NAME
        ),
        created_at=_moment(message, "created_at", field),
        updated_at=_moment(message, "updated_at", field),
        etag=limits.identifier(f"{field}.etag", message.etag),
        assignee=limits.line(f"{field}.assignee", message.assignee, limits.MAX_NAME),
    )


def incoming_message(message: ticket_pb2.Message, field: str) -> Message:
    """Return one turn of a conversation."""
    limits.check_count(
        f"{field}.attachments", len(message.attachments), limits.MAX_ATTACHMENTS
    )
    author = message.author
    return Message(
        external_id=limits.identifier(f"{field}.external_id", message.external_id),
        author=Author(
            limits.choice(f"{field}.author.role", author.role, enums.AUTHOR_ROLE_IN),
            limits.identifier(f"{field}.author.id", author.id),
            limits.line(f"{field}.author.name", author.name, limits.MAX_NAME),
        ),
        body=limits.text(f"{field}.body", message.body, limits.MAX_BODY),
        internal=message.internal,
        sent_at=_moment(message, "sent_at", field),
        attachments=tuple(
            _attachment(item, f"{field}.attachments[{i}]")
            for i, item in enumerate(message.attachments)
        ),
    )


def outgoing(ticket: Ticket) -> ticket_pb2.Ticket:
    """Return the ticket as the contract has it."""
    return ticket_pb2.Ticket(
        id=ticket.id,
        external_id=ticket.external_id,
        connector=ticket.connector,
        subject=ticket.subject,
        messages=[outgoing_message(message) for message in ticket.messages],
        customer=outgoing_customer(ticket.customer),
        channel=enums.CHANNEL.get(ticket.channel, ticket_pb2.CHANNEL_UNKNOWN),
        status=enums.STATUS[ticket.status],
        vendor_priority=ticket.vendor_priority,
        tags=ticket.tags,
        url=ticket.url,
        product_area=ticket.product_area,
        created_at=stamp(ticket.created_at),
        updated_at=stamp(ticket.updated_at),
        etag=ticket.etag,
        assignee=ticket.assignee,
    )


def outgoing_message(message: Message) -> ticket_pb2.Message:
    """Return one turn as the contract has it."""
    return ticket_pb2.Message(
        id=message.id,
        external_id=message.external_id,
        author=ticket_pb2.Author(
            role=enums.AUTHOR_ROLE[message.author.role],
            id=message.author.external_id,
            name=message.author.name,
        ),
        body=message.body,
        internal=message.internal,
        sent_at=stamp(message.sent_at),
        attachments=[
            ticket_pb2.Attachment(
                external_id=item.external_id,
                file_name=item.file_name,
                content_type=item.media_type,
                size_bytes=item.size_bytes,
            )
            for item in message.attachments
        ],
    )


def outgoing_customer(customer: Customer) -> ticket_pb2.Customer:
    """Return the customer as the contract has it."""
    return ticket_pb2.Customer(
        id=customer.id,
        external_id=customer.external_id,
        email=customer.email,
        name=customer.name,
        tier=enums.TIER[customer.tier],
    )


def stamp(moment: datetime | None) -> Timestamp | None:
    """Return a time as the contract has it; None stays unset."""
    if moment is None:
        return None
    value = Timestamp()
    value.FromDatetime(moment)
    return value


def web_address(field: str, value: str) -> str:
    """Return an http(s) address; other schemes could run code where it is shown."""
    value = limits.identifier(field, value, longest=limits.MAX_URL)
    if value and not value.lower().startswith(("https://", "http://")):
        raise invalid(field, "Only http and https addresses are allowed.")
    return value


def _connector(field: str, value: str) -> str:
    name = limits.identifier(f"{field}.connector", value, longest=limits.MAX_WORD)
    return name or "api"


def _customer(message: ticket_pb2.Customer, field: str) -> Customer:
    return Customer(
        external_id=limits.identifier(f"{field}.external_id", message.external_id),
        email=visible_line(
            limits.identifier(f"{field}.email", message.email, longest=limits.MAX_EMAIL)
        ),
        name=limits.line(f"{field}.name", message.name, limits.MAX_NAME),
        tier=limits.choice(f"{field}.tier", message.tier, enums.TIER_IN),
    )


def _attachment(message: ticket_pb2.Attachment, field: str) -> Attachment:
    if message.size_bytes < 0:
        raise invalid(f"{field}.size_bytes", "Must not be negative.")
    return Attachment(
        external_id=limits.identifier(f"{field}.external_id", message.external_id),
        file_name=limits.line(f"{field}.file_name", message.file_name, limits.MAX_NAME),
        media_type=limits.identifier(f"{field}.content_type", message.content_type),
        size_bytes=message.size_bytes,
    )


def _moment(message: Any, name: str, field: str) -> datetime | None:
    return limits.moment(
        f"{field}.{name}", getattr(message, name), present=message.HasField(name)
    )


def _with_derived_id(ticket: Ticket) -> Ticket:
    content = hashlib.sha256()
    first = ticket.messages[0].body if ticket.messages else ""
    for part in (ticket.customer.external_id, ticket.customer.email, ticket.subject):
        content.update(part.encode() + b"\0")
    content.update(first.encode())
    return replace(ticket, external_id=f"inline-{content.hexdigest()[:32]}")
