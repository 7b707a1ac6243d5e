"""What need not be told: what an agent said in this thread, and known forms.

Who asks on after an answer does not want that answer again. A sentence repeats it when
at least .55 of its words of meaning, three or more, stand in one agent's message. And
who gives an order number need not hear what order numbers look like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidecar.domain.ticket import AuthorRole, Message, Ticket
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit

_REPEATED = 0.55
_LEAST_STEMS = 3
_EXAMPLE = re.compile(
    r"(?:\blike|\bsuch as|\be\.g\.|\bfor example|\bwie|\bzum Beispiel|\bz\. ?B\."
    r"|\bcomme|\bpar exemple|\bcomo|\bpor ejemplo|\bpor exemplo|\bcome|\bad esempio)"
    r"[ ,:]*(?P<form>[A-Z]{1,5}-?(?:\d+-)*\d{4,})\b"
)
_DIGIT = re.compile(r"\d+")
_NUMBER = re.compile(r"\b[A-Z]{1,5}-?(?:\d+-)*\d{4,}\b")


def still_new(
    found: Sequence[Unit], ticket: Ticket, turn: Message | None
) -> list[Unit]:
    """Return the units that tell the customer who wrote ``turn`` something new."""
    said = _said_before(ticket, turn)
    forms = _forms(ticket)
    return [
        unit
        for unit in found
        if not _repeats(unit, said) and not _shows_known_form(unit, forms)
    ]


def _said_before(ticket: Ticket, turn: Message | None) -> list[frozenset[str]]:
    public = ticket.public_messages
    before = public[: public.index(turn)] if turn in public else ()
    return [
        frozenset(content_stems(message.body[:4000]))
        for message in before
        if message.author.role is AuthorRole.AGENT
    ]


def _repeats(unit: Unit, said: Sequence[frozenset[str]]) -> bool:
    stems = set(content_stems(unit.text))
    if len(stems) < _LEAST_STEMS:
        return False
    return any(len(stems & one) >= _REPEATED * len(stems) for one in said)


def _forms(ticket: Ticket) -> frozenset[str]:
    texts = [ticket.subject, *(m.body[:4000] for m in ticket.customer_messages[-5:])]
    return frozenset(
        _DIGIT.sub("0", match.group())
        for text in texts
        for match in _NUMBER.finditer(text)
    )


def _shows_known_form(unit: Unit, forms: frozenset[str]) -> bool:
    shown = _EXAMPLE.search(unit.text)
    return shown is not None and _DIGIT.sub("0", shown["form"]) in forms
