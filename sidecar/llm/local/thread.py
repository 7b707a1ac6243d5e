"""A conversation as sentences: who said what, with the cues in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sidecar.domain.ticket import AuthorRole, Message, Ticket
from sidecar.llm.local.lexicon import phrase_book
from sidecar.llm.local.orders import without_orders
from sidecar.llm.local.ticket_text import message_sections, prose
from sidecar.llm.local.words import Piece, sentences, tokens

_HEAD = 20
_TAIL = 60
_LONGEST_THREAD = 200_000
_LONGEST_TALK = 60_000
_MOST_TURNS = 400
_LONGEST_BODY = 4_000
_MOST_SENTENCES = 60
_WRAPPED = 50
"""Characters of a line from which a mail program may have broken it."""
_ITEM = re.compile(r"[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+")
_TRACE = re.compile(
    r"^\s*(?:at |File \"|Traceback|[\w.]+(?:Exception|Error):|[{}\]<|]"
    r"|\[(?:[^\W\d_][^\]\n]*\]\s*\Z|[\W\d_]))"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the thread; ``kinds`` are the word lists it has words of.

    ``is_item`` says that it stood in a list.
    """

    text: str
    turn: int
    position: int
    role: AuthorRole
    author: str
    internal: bool
    sent: date | None
    kinds: frozenset[str]
    is_item: bool = False

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
    # A meeting is many short turns; what matters may lie anywhere in it.
    short = size <= _LONGEST_TALK and len(messages) <= _MOST_TURNS
    if not short and (len(messages) > _HEAD + _TAIL or size > _LONGEST_THREAD):
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
        body = without_orders(prose(section.text))
        pieces = whole_sentences(body)
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
                    is_item=_in_item(body, piece.start),
                )
            )
    return found


def _in_item(text: str, place: int) -> bool:
    """Say whether the line of a place begins like the item of a list."""
    return bool(_ITEM.match(text, text.rfind("\n", 0, place) + 1))


def whole_sentences(text: str) -> list[Piece]:
    """Cut a text into sentences for showing: short lines end one, brackets none.

    "Settings → … → Trash" and "(why? nobody knows)" stay whole.
    """
    found: list[Piece] = []
    for piece in sentences(text):
        for part in _lines_of(piece):
            last = found[-1] if found else None
            if last is not None and _goes_on(last, part, text):
                joined = text[last.start : part.end]
                found[-1] = Piece(joined, last.start, part.end)
            else:
                found.append(part)
    return found


def _lines_of(piece: Piece) -> list[Piece]:
    """Cut a piece behind lines too short to have been wrapped."""
    found: list[Piece] = []
    start = 0
    for match in re.finditer(r"\n", piece.text):
        line = piece.text[piece.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if len(line.strip()) < _WRAPPED and piece.text[start : match.start()].strip():
            found.append(_part(piece, start, match.start()))
            start = match.end()
    if piece.text[start:].strip():
        found.append(_part(piece, start, len(piece.text)))
    return found


def _part(piece: Piece, start: int, end: int) -> Piece:
    text = piece.text[start:end]
    lead = len(text) - len(text.lstrip())
    begin = piece.start + start + lead
    return Piece(text.strip(), begin, begin + len(text.strip()))


def _goes_on(last: Piece, part: Piece, text: str) -> bool:
    if "\n" in text[last.end : part.start]:
        return False
    in_brackets = last.text.count("(") > last.text.count(")") and ")" in part.text
    broken = last.text.endswith(("…", ")")) and not part.text[0].isupper()
    return in_brackets or broken


def _says_something(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return letters >= 2 and letters >= 0.4 * len(text) and not _TRACE.match(text)
