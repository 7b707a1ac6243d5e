"""A ticket's thread as Zendesk tells it, with our own notes set apart. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.events import parse_time
from connectors.zendesk.marks import is_signed
from sidecar.v1 import ticket_pb2 as pb

NAME_LENGTH = 200
_BODY, _FILES = 100_000, 50
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLACK = "▇"
_PROGRAMS = ("system", "rule")
_STAFF = ("agent", "admin")


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
    """Return the thread; ``own_id`` is the agent in whose name we write now."""
    turns, notes, merged = [], [], ""
    for given in comments:
        author = int_of(given.get("author_id"))
        public = given.get("public") is not False
        body = text_of(given.get("plain_body") or given.get("body"), _BODY)
        if not public:
            merged = merged or _merge_target(given)
        who = users.get(author, {})
        if not public and (author == own_id or _is_former(given, who, body)):
            notes.append(body)
            continue
        turns.append(
            Comment(
                id=str(given.get("id") or ""),
                body=body,
                public=public,
                author_id=author,
                author_name=text_of(who.get("name"), NAME_LENGTH),
                role=_role(given, who, author, ticket),
                sent_at=parse_time(given.get("created_at")),
                files=tuple(_mappings(given.get("attachments")))[:_FILES],
            )
        )
    return Thread(dict(ticket), tuple(turns), tuple(notes), users, merged)


def _is_former(
    comment: Mapping[str, Any], author: Mapping[str, Any], body: str
) -> bool:
    """Say whether a private comment is a note of ours under another agent's name.

    The agent or the owner of the token may have been changed since.
    """
    staff = author.get("role") in _STAFF and channel_of(comment) not in _PROGRAMS
    return staff and is_signed(body)


def _role(
    comment: Mapping[str, Any],
    author: Mapping[str, Any],
    author_id: int,
    ticket: Mapping[str, Any],
) -> pb.AuthorRole.ValueType:
    if channel_of(comment) in _PROGRAMS or author_id <= 0:
        return pb.AUTHOR_ROLE_SYSTEM
    role = str(author.get("role") or "")
    if role in _STAFF:
        return pb.AUTHOR_ROLE_AGENT
    if role == "end-user" or author_id == int_of(ticket.get("requester_id")):
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
    number = int_of(to.get("ticket_id")) if isinstance(to, Mapping) else 0
    return str(number) if number > 0 else ""


def channel_of(given: Mapping[str, Any]) -> str:
    """Return by which way a ticket or comment came, in lower case."""
    via = given.get("via")
    channel = via.get("channel") if isinstance(via, Mapping) else via
    return channel.lower() if isinstance(channel, str) else ""


def text_of(value: object, longest: int) -> str:
    """Return a value as clean text, '' when it is none."""
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-8", "replace").decode()
    return _CONTROL.sub("", whole)[:longest]


def int_of(value: object) -> int:
    """Return a value as a number, 0 when it is none."""
    if isinstance(value, bool):
        return 0
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]  # refused below
    except (TypeError, ValueError):
        return 0


def _mappings(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
