"""A conversation as sentences: who said what, with the cues in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sidecar.domain.ticket import AuthorRole, Message, Ticket
from sidecar.llm.local.lexicon import phrase_book
from sidecar.llm.local.ticket_text import message_sections, prose
from sidecar.llm.local.words import sentences, tokens

_HEAD = 20
_TAIL = 60
_LONGEST_THREAD = 200_000
_LONGEST_BODY = 4_000
_MOST_SENTENCES = 60
_TRACE = re.compile(
    r"^\s*(?:at |File \"|Traceback|[\w.]+(?:Exception|Error):|[{}\[\]<|])"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the thread; ``kinds`` are the word lists it has words of."""

    text: str
    turn: int
    position: int
    role: AuthorRole
    author: str
    internal: bool
    sent: date | None
    kinds: frozenset[str]

    @property
    def is_question(self) -> bool:
        """Say whether it ends like a question."""
        return self.text.rstrip("\"'”» )").endswith(("?", "？", "؟"))


@dataclass(frozen=True, slots=True)
class Thread:
    """The lines of a conversation, and whether the policy left some out."""

    lines: tuple[Line, ...]
    turns: int
    truncated: bool


def read_thread(ticket: Ticket, spoken: tuple[str, ...], *, with_notes: bool) -> Thread:
    """Return the thread's lines; of a huge one the first 20 and last 60 messages.

    A body keeps its head and tail (8,000 characters). How a thread began and where it
    stands now matter most; the middle is what may be missed.
    """
    messages = [m for m in ticket.messages if with_notes or not m.internal]
    size = sum(len(m.body) for m in messages)
    truncated = any(len(m.body) > 2 * _LONGEST_BODY for m in messages)
    if len(messages) > _HEAD + _TAIL or size > _LONGEST_THREAD:
        truncated = truncated or len(messages) > _HEAD + _TAIL
        messages = _head_and_tail(messages)
    lines: list[Line] = []
    for turn, message in enumerate(messages):
        lines += _lines(message, turn, spoken)
    return Thread(tuple(lines), len(messages), truncated)


def _head_and_tail(messages: list[Message]) -> list[Message]:
    if len(messages) <= _HEAD + _TAIL:
        return messages
    return messages[:_HEAD] + messages[-_TAIL:]


def _lines(message: Message, turn: int, spoken: tuple[str, ...]) -> list[Line]:
    book = phrase_book(spoken)
    found: list[Line] = []
    for section in message_sections(message):
        pieces = sentences(prose(section.text))
        # A tail is kept for its end.
        tail = section.shift > 0
        pieces = pieces[-_MOST_SENTENCES:] if tail else pieces[:_MOST_SENTENCES]
        for piece in pieces:
            text = " ".join(piece.text.split())
            if not _says_something(text):
                continue
            kinds = frozenset(hit.kind for hit in book.find(tokens(text)))
            found.append(
                Line(
                    text=text,
                    turn=turn,
                    position=len(found),
                    role=message.author.role,
                    author=" ".join(message.author.name.split())[:60],
                    internal=message.internal,
                    sent=message.sent_at.date() if message.sent_at else None,
                    kinds=kinds,
                )
            )
    return found


def _says_something(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= 3 and letters >= 0.4 * len(text) and not _TRACE.match(text)
