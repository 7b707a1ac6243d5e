"""A conversation as blocks of data, cut to what a model may cost.

Policy: of a message its beginning and its end, of a thread the first turn and the
newest ones, no more of them than were judged; what is left out is said. Tokens are
counted by an upper estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sidecar.domain.budget import tokens_at_most
from sidecar.domain.text import visible_text
from sidecar.domain.ticket import NEWEST_READ, AuthorRole, Message, Ticket
from sidecar.llm.remote.door import Block

_HEAD = 4000
_TAIL = 2000
"""Characters of one message that are read from its beginning and its end."""
_LEFT_OUT = "[… {count} characters left out …]"
_ROLE = {
    AuthorRole.CUSTOMER: "customer message",
    AuthorRole.AGENT: "agent message",
    AuthorRole.SYSTEM: "automatic message",
}
_BLOCK_TOKENS = 40
"""Upper bound for the two tags around a block."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Blocks in the order of the thread, and whether something was left out."""

    blocks: tuple[Block, ...]
    cut: bool


def conversation(
    ticket: Ticket, most_tokens: int, with_notes: bool = False
) -> Conversation:
    """Return what of a ticket is sent: subject, file names, first and newest turns."""
    messages = ticket.messages if with_notes else ticket.public_messages
    opening = [Block("subject", visible_text(_ends(ticket.subject)))]
    if ticket.customer.name.strip():
        opening.append(Block("customer name", visible_text(ticket.customer.name)))
    left = most_tokens - sum(map(_size, opening))
    first, rest = messages[:1], messages[1:]
    begun, left = _fitting(first, left)
    newest, left = _fitting(reversed(rest[-NEWEST_READ:]), left)
    blocks = (*opening, *begun, *reversed(newest))
    shortened = any(len(m.body) > _HEAD + _TAIL for m in messages)
    cut = shortened or len(begun) + len(newest) < len(messages)
    return Conversation(blocks, cut)


def names_in(ticket: Ticket, agent_name: str = "") -> tuple[str, ...]:
    """Return everybody's name that the ticket tells."""
    found = [ticket.customer.name, agent_name]
    found += [message.author.name for message in ticket.messages]
    return tuple(dict.fromkeys(name for name in found if name.strip()))


def _fitting(messages: Iterable[Message], left: int) -> tuple[list[Block], int]:
    """Return the blocks of messages until one does not fit, and what is left."""
    found: list[Block] = []
    for message in messages:
        block = _block(message)
        size = _size(block)
        if size > left:
            break
        found.append(block)
        left -= size
    return found, left


def _block(message: Message) -> Block:
    kind = "internal note" if message.internal else _ROLE[message.author.role]
    text = visible_text(_ends(message.body))
    names = [visible_text(a.file_name)[:200] for a in message.attachments[:20]]
    if names:
        text += "\n[attached: " + ", ".join(names) + "]"
    return Block(kind, text)


def _size(block: Block) -> int:
    return tokens_at_most(block.text) + _BLOCK_TOKENS


def _ends(text: str) -> str:
    """Return beginning and end, cut between words so that no half number is left."""
    if len(text) <= _HEAD + _TAIL:
        return text
    head = _until_space(text[:_HEAD])
    tail = _until_space(text[-_TAIL:][::-1])[::-1]
    count = len(text) - len(head) - len(tail)
    return "\n".join((head, _LEFT_OUT.format(count=count), tail))


def _until_space(text: str) -> str:
    at = max(text.rfind(" "), text.rfind("\n"))
    return text[:at] if at > len(text) // 2 else text


def size_of(blocks: Sequence[Block]) -> int:
    """Return an upper estimate of the blocks' tokens."""
    return sum(map(_size, blocks))
