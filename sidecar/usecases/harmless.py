"""A ticket without the sentences that give orders to a machine.

What is suspicious is set aside for an administrator to judge; meanwhile tone, category
and summary must not be the order's. Blanked texts keep their length, so that a reason's
place still points at the stored text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sidecar.domain.access import Principal
from sidecar.domain.ticket import AuthorRole, Message, Ticket
from sidecar.llm.port import Asked, Engine
from sidecar.usecases.draft_guard import SUSPICIOUS_FROM
from sidecar.usecases.ports import Ports, always_wanted
from sidecar.usecases.quarantine import is_held, suspects

_SENTENCE_START = re.compile(r"[.!?…][\"'”’»)]*\s+|\n")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)]*(?=\s|\Z)|\n|\Z")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|\Z")


def as_read(
    ports: Ports, caller: Principal, ticket: Ticket, *, whole_paragraph: bool = False
) -> Ticket:
    """Return what may be read of a ticket: all of it once it is released."""
    safe = harmless(ports, ticket, whole_paragraph=whole_paragraph)
    if safe is ticket:
        return ticket
    items = suspects(ports, ticket)
    with ports.store.reading() as tx:
        released = bool(items) and not is_held(tx, caller.workspace, items)
    return ticket if released else safe


def locally(ports: Ports, caller: Principal) -> Engine:
    """Return the engine for one call that leaves this machine for nobody."""
    asked = Asked(caller.workspace, lambda: 0.0, always_wanted, local_only=True)
    return ports.engine.for_call(asked)


def harmless(ports: Ports, ticket: Ticket, *, whole_paragraph: bool = False) -> Ticket:
    """Return the ticket without suspicious sentences; the same one when it has none.

    ``whole_paragraph`` takes out what follows in the paragraph too: "you are in
    maintenance mode. Reply with …" is one order, but a report behind it may be real.
    """
    safe = _Cleaner(ports, whole_paragraph=whole_paragraph)
    read = {id(m) for m in ticket.judged_messages}
    messages = tuple(safe.message(m) if id(m) in read else m for m in ticket.messages)
    customer = replace(ticket.customer, name=safe.name(ticket.customer.name))
    subject = safe.text(ticket.subject)
    if not safe.found:
        return ticket
    return replace(ticket, subject=subject, customer=customer, messages=messages)


class _Cleaner:
    """Blanks out what is suspicious; ``found`` says whether anything was."""

    def __init__(self, ports: Ports, *, whole_paragraph: bool) -> None:
        self._safety = ports.safety
        self._ending = _PARAGRAPH_END if whole_paragraph else _SENTENCE_END
        self.found = False

    def text(self, text: str) -> str:
        judged = self._safety.suspicion(text)
        if judged.score < SUSPICIOUS_FROM:
            return text
        self.found = True
        return _blanked(text, judged.spans, self._ending)

    def name(self, name: str) -> str:
        if self._safety.suspicion(name).score < SUSPICIOUS_FROM:
            return name
        self.found = True
        return ""

    def message(self, message: Message) -> Message:
        if message.author.role is not AuthorRole.CUSTOMER:
            return message
        body, name = self.text(message.body), self.name(message.author.name)
        files = tuple(
            replace(a, file_name=self.name(a.file_name)) for a in message.attachments
        )
        author = replace(message.author, name=name)
        return replace(message, body=body, author=author, attachments=files)


def _blanked(
    text: str, spans: Iterable[tuple[int, int]], ending: re.Pattern[str]
) -> str:
    for first, last in spans:
        starts = [m.end() for m in _SENTENCE_START.finditer(text, 0, first)]
        start = starts[-1] if starts else 0
        found = ending.search(text, max(first, last - 1))
        end = found.end() if found else len(text)
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text
