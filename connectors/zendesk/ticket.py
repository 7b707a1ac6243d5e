"""From a thread to the ticket of the contract, within what one message holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.events import parse_time
from connectors.zendesk.conversation import (
    NAME_LENGTH,
    Comment,
    Thread,
    channel_of,
    int_of,
    text_of,
)
from connectors.zendesk.marks import TAG_PREFIX
from connectors.zendesk.settings import NAME, Account
from sidecar.v1 import ticket_pb2 as pb

_SUBJECT, _TAG, _TAGS = 1_000, 100, 100
_MESSAGES = 1_000
# One message of gRPC holds 8 MiB; the answer tells what was stored before as well.
_MESSAGES_BYTES = 4 * 1024 * 1024
_FRAME = 6
_STATUS: dict[str, pb.TicketStatus.ValueType] = {
    "new": pb.TICKET_STATUS_NEW,
    "open": pb.TICKET_STATUS_OPEN,
    "pending": pb.TICKET_STATUS_PENDING,
    "hold": pb.TICKET_STATUS_ON_HOLD,
    "solved": pb.TICKET_STATUS_SOLVED,
    "closed": pb.TICKET_STATUS_CLOSED,
}
_CHANNEL: dict[str, pb.Channel.ValueType] = {
    "email": pb.CHANNEL_EMAIL,
    "mail": pb.CHANNEL_EMAIL,
    "web": pb.CHANNEL_WEB,
    "web_form": pb.CHANNEL_WEB,
    "help_center": pb.CHANNEL_WEB,
    "mobile": pb.CHANNEL_WEB,
    "mobile_sdk": pb.CHANNEL_WEB,
    "chat": pb.CHANNEL_CHAT,
    "native_messaging": pb.CHANNEL_CHAT,
    "messaging": pb.CHANNEL_CHAT,
    "voice": pb.CHANNEL_PHONE,
    "phone": pb.CHANNEL_PHONE,
    "twitter": pb.CHANNEL_SOCIAL,
    "facebook": pb.CHANNEL_SOCIAL,
    "instagram_dm": pb.CHANNEL_SOCIAL,
    "whatsapp": pb.CHANNEL_SOCIAL,
    "api": pb.CHANNEL_API,
}


def to_ticket(thread: Thread, account: Account) -> pb.Ticket:
    """Return the ticket as the contract has it, without what is ours."""
    given = thread.ticket
    ticket = pb.Ticket(
        external_id=thread.number,
        connector=NAME,
        subject=text_of(given.get("subject") or given.get("raw_subject"), _SUBJECT),
        messages=_messages(thread.comments),
        channel=_CHANNEL.get(channel_of(given), pb.CHANNEL_UNKNOWN),
        status=_STATUS.get(thread.status, pb.TICKET_STATUS_UNKNOWN),
        vendor_priority=text_of(given.get("priority"), 50),
        tags=_tags(given.get("tags")),
        url=f"{account.web_url}/agent/tickets/{thread.number}",
    )
    customer = thread.people.get(int_of(given.get("requester_id")))
    if customer:
        ticket.customer.CopyFrom(_customer(customer))
    assignee = thread.people.get(int_of(given.get("assignee_id")), {})
    ticket.assignee = text_of(assignee.get("name"), NAME_LENGTH)
    for target, name in ((ticket.created_at, "created_at"), (ticket.updated_at, _AT)):
        moment = parse_time(given.get(name))
        if moment:
            target.FromDatetime(moment)
    return ticket


_AT = "updated_at"


def _message(comment: Comment) -> pb.Message:
    message = pb.Message(
        external_id=comment.id,
        author=pb.Author(
            role=comment.role, id=str(comment.author_id), name=comment.author_name
        ),
        body=comment.body,
        internal=not comment.public,
        attachments=[_file(file) for file in comment.files],
    )
    if comment.sent_at:
        message.sent_at.FromDatetime(comment.sent_at)
    return message


def _file(given: Mapping[str, Any]) -> pb.Attachment:
    name = text_of(given.get("file_name"), 200).replace("\\", "/").rpartition("/")[2]
    return pb.Attachment(
        external_id=str(given.get("id") or ""),
        file_name=name or "attachment",
        content_type=text_of(given.get("content_type"), 100),
        size_bytes=max(int_of(given.get("size")), 0),
    )


def _customer(user: Mapping[str, Any]) -> pb.Customer:
    tags = [str(tag).lower() for tag in user.get("tags") or ()]
    vip = pb.CUSTOMER_TIER_VIP if "vip" in tags else pb.CUSTOMER_TIER_STANDARD
    return pb.Customer(
        external_id=str(user.get("id") or ""),
        email=text_of(user.get("email"), 320),
        name=text_of(user.get("name"), NAME_LENGTH),
        tier=vip,
    )


def _messages(comments: Sequence[Comment]) -> list[pb.Message]:
    """Return the first turn and as many of the newest as one request may carry."""
    if not comments:
        return []
    # The first says what it is about; beyond the limits the middle is left out.
    first, newest = _message(comments[0]), []
    left = _MESSAGES_BYTES - first.ByteSize()
    for comment in reversed(comments[1:][-(_MESSAGES - 1) :]):
        message = _message(comment)
        left -= message.ByteSize() + _FRAME
        if left < 0:
            break
        newest.append(message)
    return [first, *reversed(newest)]


def _tags(given: object) -> list[str]:
    tags = [text_of(tag, _TAG) for tag in given] if isinstance(given, list) else []
    return [tag for tag in tags if tag and not tag.startswith(TAG_PREFIX)][:_TAGS]
