"""What of a ticket is read: the customer's turns without quotes and signatures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.domain.classification import Span
from sidecar.domain.mail_text import new_text
from sidecar.domain.ticket import AuthorRole, Message, Ticket

LONGEST_HEAD = 6_000
LONGEST_TAIL = 2_000
_NEWEST_TURNS = 3
_UNSETTLED_TURNS = 6


@dataclass(frozen=True, slots=True)
class Section:
    """A stored field as read: ``text`` has the field's own offsets, plus ``shift``."""

    field: str
    message_id: str
    text: str
    shift: int = 0

    def span(self, start: int, end: int) -> Span:
        """Return a place in this section as a place in the stored field."""
        return Span(self.field, start + self.shift, end + self.shift, self.message_id)


_CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)


def prose(text: str) -> str:
    """Return the text with fenced code blanked out, same length."""
    if "```" not in text:
        return text
    return _CODE_BLOCK.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def message_sections(message: Message) -> tuple[Section, ...]:
    """Return the new part of a message; of a very long one its head and tail."""
    name = message.id or message.external_id
    # Cut before splitting: finding quotes in megabytes would cost seconds.
    body = message.body
    if len(body) <= 4 * LONGEST_HEAD:
        body = new_text(body)
        if len(body) <= LONGEST_HEAD + LONGEST_TAIL:
            return (Section("message", name, body),)
        tail_start = len(body) - LONGEST_TAIL
        tail = body[tail_start:]
    else:
        tail_start = len(body) - LONGEST_TAIL
        tail = new_text(body[tail_start:])
        body = new_text(body[: 2 * LONGEST_HEAD])
    return (
        Section("message", name, body[:LONGEST_HEAD]),
        Section("message", name, tail, tail_start),
    )


def newest_turns(ticket: Ticket) -> tuple[Message, ...]:
    """Return what the customer wrote since the last answer, oldest first.

    A ticket that ends with an answer gives the customer's last turn; one without any
    customer turn gives its last public message, so that there is something to read.
    """
    turns: list[Message] = []
    for message in reversed(ticket.public_messages):
        if message.author.role is AuthorRole.CUSTOMER:
            turns.append(message)
        elif turns and message.author.role is AuthorRole.AGENT:
            break
        if len(turns) == _NEWEST_TURNS:
            break
    if not turns:
        turns = list(ticket.public_messages[-1:])
    return tuple(reversed(turns))


def whole_text(ticket: Ticket) -> str:
    """Return the subject, the first and the newest turns, without quotes."""
    turns = list(ticket.customer_messages[:1] or newest_turns(ticket)[:1])
    turns += [turn for turn in newest_turns(ticket) if turn not in turns]
    sections = [section for turn in turns for section in message_sections(turn)]
    parts = [ticket.subject, *(section.text for section in sections)]
    return "\n".join(part for part in parts if part)


def subject_section(ticket: Ticket) -> Section:
    """Return the subject without the marks of replies and forwards, offsets kept."""
    return Section("subject", "", ticket.subject[:500])


def unsettled_sections(
    ticket: Ticket, settled: Callable[[Message], bool]
) -> tuple[Section, ...]:
    """Return what severity is read from: all that is not settled yet.

    "Any news?" is no smaller matter than the outage it asks about: the subject and
    earlier turns count until the customer says that it works (``settled``), or the
    ticket is finished.
    """
    if ticket.status.is_finished:
        return newest_sections(ticket)
    turns: list[Message] = []
    for message in reversed(ticket.customer_messages[-_UNSETTLED_TURNS:]):
        if turns and settled(message):
            break
        turns.append(message)
        if settled(message):
            break
    else:
        sections = [s for m in reversed(turns) for s in message_sections(m)]
        if turns:
            return (subject_section(ticket), *sections)
        return newest_sections(ticket)
    return tuple(s for m in reversed(turns) for s in message_sections(m))


def newest_sections(ticket: Ticket) -> tuple[Section, ...]:
    """Return the subject and the newest turns, as they are read for tone and severity.

    The subject counts only with the first question: later it is what the thread began
    with, and an old alarm in it must not ring for ever.
    """
    turns = newest_turns(ticket)
    sections = [s for message in turns for s in message_sections(message)]
    if not ticket.attempts:
        sections.insert(0, subject_section(ticket))
    return tuple(sections)
