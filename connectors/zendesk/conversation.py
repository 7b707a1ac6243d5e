"""From Zendesk's words to the contract's: a ticket with its thread. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.events import parse_time
from connectors.zendesk.settings import NAME, Account
from sidecar.v1 import ticket_pb2 as pb

# Tags with this beginning are ours: they are no part of what a ticket says.
TAG_PREFIX = "deskside"
_BODY, _SUBJECT, _NAME_LENGTH, _TAG = 100_000, 1_000, 200, 100
_MESSAGES, _TAGS, _FILES = 1_000, 100, 50
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLACK = "▇"
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
_PROGRAMS = ("system", "rule")


@dataclass(frozen=True, slots=True)
class Comment:
    """One turn; ``role`` says who speaks."""

    id: str
    body: str
    public: bool
    author_id: int
    author_name: str
    role: pb.AuthorRole.ValueType
    sent_at: datetime | None
    files: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A ticket as read, with own notes set apart from what people wrote."""

    ticket: Mapping[str, Any]
    comments: tuple[Comment, ...]
    own_notes: tuple[str, ...]
    people: Mapping[int, Mapping[str, Any]]
    merged_into: str = ""

    @property
    def number(self) -> str:
        """The ticket's number in Zendesk."""
        return str(self.ticket.get("id") or "")

    @property
    def status(self) -> str:
        """The ticket's status in Zendesk's word."""
        return str(self.ticket.get("status") or "").lower()

    @property
    def stamp(self) -> str:
        """``updated_at`` as Zendesk wrote it, for a safe update."""
        return str(self.ticket.get("updated_at") or "")

    @property
    def tags(self) -> list[str]:
        """The ticket's tags, ours among them."""
        return [str(tag) for tag in self.ticket.get("tags") or ()]

    @property
    def public(self) -> list[Comment]:
        """What the customer sees, oldest first, without programs' words."""
        program = pb.AUTHOR_ROLE_SYSTEM
        return [c for c in self.comments if c.public and c.role != program]

    @property
    def waits_for_agent(self) -> bool:
        """Say whether the last public word is the customer's."""
        public = self.public
        return bool(public) and public[-1].role == pb.AUTHOR_ROLE_CUSTOMER

    @property
    def version(self) -> str:
        """Name of this state of the public conversation; own notes change nothing."""
        return _version([comment.id for comment in self.comments if comment.public])

    def version_before(self, later: Comment) -> str:
        """Return the name of the state just before a public comment."""
        ids = [comment.id for comment in self.comments if comment.public]
        return _version(ids[: ids.index(later.id)])

    def has_mark(self, mark: str) -> bool:
        """Say whether one of our own notes carries a mark."""
        return any(mark in note for note in self.own_notes)


def _version(ids: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(ids).encode()).hexdigest()[:16]


def thread_of(
    ticket: Mapping[str, Any],
    comments: Sequence[Mapping[str, Any]],
    users: Mapping[int, Mapping[str, Any]],
    own_id: int,
) -> Thread:
    """Return the thread; ``own_id`` is the agent in whose name we write."""
    turns, notes, merged = [], [], ""
    for given in comments:
        author = _int(given.get("author_id"))
        public = given.get("public") is not False
        body = _text(given.get("plain_body") or given.get("body"), _BODY)
        if not public:
            merged = merged or _merge_target(given)
        if author == own_id and not public:
            notes.append(body)
            continue
        who = users.get(author, {})
        turns.append(
            Comment(
                id=str(given.get("id") or ""),
                body=body,
                public=public,
                author_id=author,
                author_name=_text(who.get("name"), _NAME_LENGTH),
                role=_role(given, who, author, ticket),
                sent_at=parse_time(given.get("created_at")),
                files=tuple(_mappings(given.get("attachments")))[:_FILES],
            )
        )
    return Thread(dict(ticket), tuple(turns), tuple(notes), users, merged)


def to_ticket(thread: Thread, account: Account) -> pb.Ticket:
    """Return the ticket as the contract has it, without what is ours."""
    given = thread.ticket
    ticket = pb.Ticket(
        external_id=thread.number,
        connector=NAME,
        subject=_text(given.get("subject") or given.get("raw_subject"), _SUBJECT),
        messages=[_message(comment) for comment in _newest(thread.comments)],
        channel=_CHANNEL.get(_via(given), pb.CHANNEL_UNKNOWN),
        status=_STATUS.get(thread.status, pb.TICKET_STATUS_UNKNOWN),
        vendor_priority=_text(given.get("priority"), 50),
        tags=_tags(given.get("tags")),
        url=f"{account.web_url}/agent/tickets/{thread.number}",
    )
    customer = thread.people.get(_int(given.get("requester_id")))
    if customer:
        ticket.customer.CopyFrom(_customer(customer))
    assignee = thread.people.get(_int(given.get("assignee_id")), {})
    ticket.assignee = _text(assignee.get("name"), _NAME_LENGTH)
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
    name = _text(given.get("file_name"), 200).replace("\\", "/").rpartition("/")[2]
    return pb.Attachment(
        external_id=str(given.get("id") or ""),
        file_name=name or "attachment",
        content_type=_text(given.get("content_type"), 100),
        size_bytes=max(_int(given.get("size")), 0),
    )


def _customer(user: Mapping[str, Any]) -> pb.Customer:
    tags = [str(tag).lower() for tag in user.get("tags") or ()]
    vip = pb.CUSTOMER_TIER_VIP if "vip" in tags else pb.CUSTOMER_TIER_STANDARD
    return pb.Customer(
        external_id=str(user.get("id") or ""),
        email=_text(user.get("email"), 320),
        name=_text(user.get("name"), _NAME_LENGTH),
        tier=vip,
    )


def _newest(comments: Sequence[Comment]) -> Sequence[Comment]:
    # The first says what it is about; beyond the limit the middle is left out.
    if len(comments) <= _MESSAGES:
        return comments
    return [comments[0], *comments[-(_MESSAGES - 1) :]]


def _role(
    comment: Mapping[str, Any],
    author: Mapping[str, Any],
    author_id: int,
    ticket: Mapping[str, Any],
) -> pb.AuthorRole.ValueType:
    if _via(comment) in _PROGRAMS or author_id <= 0:
        return pb.AUTHOR_ROLE_SYSTEM
    role = str(author.get("role") or "")
    if role in ("agent", "admin"):
        return pb.AUTHOR_ROLE_AGENT
    if role == "end-user" or author_id == _int(ticket.get("requester_id")):
        return pb.AUTHOR_ROLE_CUSTOMER
    # Somebody who is gone: a colleague if they wrote in private, else the customer.
    private = comment.get("public") is False
    return pb.AUTHOR_ROLE_AGENT if private else pb.AUTHOR_ROLE_CUSTOMER


def _merge_target(comment: Mapping[str, Any]) -> str:
    via = comment.get("via")
    source = via.get("source") if isinstance(via, Mapping) else None
    if not isinstance(source, Mapping) or source.get("rel") != "merge":
        return ""
    to = source.get("to")
    number = _int(to.get("ticket_id")) if isinstance(to, Mapping) else 0
    return str(number) if number > 0 else ""


def _via(given: Mapping[str, Any]) -> str:
    via = given.get("via")
    channel = via.get("channel") if isinstance(via, Mapping) else via
    return channel.lower() if isinstance(channel, str) else ""


def _tags(given: object) -> list[str]:
    tags = [_text(tag, _TAG) for tag in given] if isinstance(given, list) else []
    return [tag for tag in tags if tag and not tag.startswith(TAG_PREFIX)][:_TAGS]


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-8", "replace").decode()
    return _CONTROL.sub("", whole)[:longest]


def _int(value: object) -> int:
    if isinstance(value, bool):
        return 0
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]  # refused below
    except (TypeError, ValueError):
        return 0


def _mappings(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
