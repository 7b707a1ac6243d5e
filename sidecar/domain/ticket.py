"""Tickets, their messages and customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class AuthorRole(Enum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class CustomerTier(Enum):
    """How the business ranks the customer."""

    STANDARD = "standard"
    VIP = "vip"


class TicketStatus(Enum):
    """Where the ticket stands in the helpdesk; vendors' words are mapped onto these."""

    UNKNOWN = "unknown"
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    SOLVED = "solved"
    CLOSED = "closed"

    @property
    def is_finished(self) -> bool:
        """Say whether nobody has to act on the ticket any more."""
        return self in (TicketStatus.SOLVED, TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; its content is never part of the ticket."""

    external_id: str
    file_name: str
    media_type: str = ""
    size_bytes: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message: role, the vendor's id and the shown name."""

    role: AuthorRole
    external_id: str = ""
    name: str = ""


NEWEST_READ = 60
"""How many of the newest turns of a thread are read, beside the first."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation.

    ``internal`` notes are never seen by the customer.
    """

    external_id: str
    author: Author
    body: str
    internal: bool = False
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """The person who asks."""

    external_id: str = ""
    email: str = ""
    name: str = ""
    tier: CustomerTier = CustomerTier.STANDARD
    id: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A conversation in the helpdesk.

    ``id`` and ``etag`` are ours and empty until stored; ``external_id`` is unique
    with workspace and connector; ``etag`` changes with every message. ``assignee`` is
    the agent in charge by name; the store says in ``assigned_at`` when it was seen
    that somebody took over, None when the ticket came with its assignee.
    """

    external_id: str
    connector: str
    subject: str = ""
    messages: tuple[Message, ...] = ()
    customer: Customer = field(default_factory=Customer)
    channel: str = ""
    status: TicketStatus = TicketStatus.UNKNOWN
    vendor_priority: str = ""
    tags: tuple[str, ...] = ()
    url: str = ""
    product_area: str = ""
    resolution: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    id: str = ""
    etag: str = ""
    assignee: str = ""
    assigned_at: datetime | None = None

    @property
    def public_messages(self) -> tuple[Message, ...]:
        """Return the turns the customer can see."""
        return tuple(m for m in self.messages if not m.internal)

    @property
    def customer_messages(self) -> tuple[Message, ...]:
        """Return what the customer wrote, oldest first."""
        return tuple(
            m for m in self.public_messages if m.author.role is AuthorRole.CUSTOMER
        )

    @property
    def judged_messages(self) -> tuple[Message, ...]:
        """Return the customer's turns that are judged before anybody reads them.

        The first and the newest ``NEWEST_READ``: no engine reads more of a thread, and
        one may come whole, so that nobody has judged the older ones in their time.
        """
        written = self.customer_messages
        return (*written[:-NEWEST_READ][:1], *written[-NEWEST_READ:])

    @property
    def attempts(self) -> int:
        """Count the customer's turns that came after an answer.

        The tries so far failed.
        """
        answered = False
        count = 0
        for message in self.public_messages:
            if message.author.role is AuthorRole.AGENT:
                answered = True
            elif message.author.role is AuthorRole.CUSTOMER and answered:
                count += 1
                answered = False
        return count


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A ticket as the store knows it, with the row's own times."""

    ticket: Ticket
    stored_at: datetime
    last_customer_message_at: datetime | None = None
    last_agent_message_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """Another ticket like this one; ``snippet`` is shown redacted."""

    ticket_id: str
    external_id: str
    subject: str
    snippet: str
    status: TicketStatus
    resolution: str
    score: float
    created_at: datetime | None
    url: str = ""
    connector: str = ""


@dataclass(frozen=True, slots=True)
class CustomerHistory:
    """What is known of a customer: counts and the latest tickets, newest first."""

    customer: Customer
    total: int
    open: int
    first_seen_at: datetime | None
    recent: tuple[Ticket, ...]
    angry_count: int = 0


class FeedbackKind(Enum):
    """What the agent did or said about a suggestion."""

    USED = "used"
    EDITED = "edited"
    IGNORED = "ignored"
    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One judgement of an agent about a draft or a classified field."""

    ticket_id: str
    kind: FeedbackKind
    actor: str
    draft_id: str = ""
    field: str = ""
    value: str = ""
    edited_text: str = ""
    comment: str = ""
    at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets to list; an empty field lets everything through.

    ``risk_min`` is 0..1; ``unattended`` keeps open tickets whose last public turn
    is the customer's.
    """

    category: str = ""
    sentiment: str = ""
    severity: str = ""
    risk_min: float = 0.0
    status: TicketStatus | None = None
    unattended: bool = False
    customer_id: str = ""
    connector: str = ""
    text: str = ""
