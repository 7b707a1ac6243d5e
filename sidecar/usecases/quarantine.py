"""Set aside what tries to instruct the engine, until an administrator decides.

A message: no draft is written from its ticket, and no model sees it; the local engine
still classifies it. A document: its suspicious passages are found and cited by nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sidecar.domain.access import Principal
from sidecar.domain.knowledge import StoredPassage
from sidecar.domain.quarantine import MOST_EXCERPT, QuarantinedItem, QuarantineState
from sidecar.domain.text import visible_text
from sidecar.domain.ticket import Message, Ticket
from sidecar.errors import ChangeStateFirst, LookElsewhere, Reason
from sidecar.store.port import Page, Transaction
from sidecar.usecases.draft_guard import SUSPICIOUS_FROM
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit, event

T = TypeVar("T", bound=tuple[StoredPassage, object])


@dataclass(frozen=True, slots=True)
class _Find:
    excerpt: str
    confidence: float


def suspects(ports: Ports, ticket: Ticket) -> list[QuarantinedItem]:
    """Return what of the turns that are read looks like orders; stores nothing.

    Subject and name are the customer's to choose as well; they go with the newest turn.
    """
    found = []
    judged = ticket.judged_messages
    for place, message in enumerate(judged):
        texts = [message.body, *(a.file_name for a in message.attachments)]
        texts.append(message.author.name)
        if place == len(judged) - 1:
            texts += [ticket.subject, ticket.customer.name]
        find = _judged(ports, texts)
        if find is not None:
            found.append(_of_message(ports, ticket, message, texts, find))
    return found


def hold(
    tx: Transaction, ports: Ports, caller: Principal, items: Sequence[QuarantinedItem]
) -> None:
    """Set these items aside; those known already stay as they were decided."""
    for item in items:
        if not tx.quarantine.add(caller.workspace, item):
            continue
        about = item.ticket_id or item.document_id
        event(tx, caller, "quarantine.held", about, item_id=item.id)
        audit(tx, ports, caller, "quarantine.hold", item.id, about)


def is_held(tx: Transaction, workspace: str, items: Sequence[QuarantinedItem]) -> bool:
    """Say whether one of these is not released; what is not stored yet is not."""
    if not items:
        return False
    states = tx.quarantine.states(workspace, [item.id for item in items])
    return any(states.get(i.id) is not QuarantineState.RELEASED for i in items)


def suspects_in_document(
    ports: Ports, document_id: str, passages: Sequence[StoredPassage]
) -> list[QuarantinedItem]:
    """Return one item for a document of which a passage gives orders, else none."""
    finds = [find for p in passages if (find := _judged(ports, [p.text])) is not None]
    if not finds:
        return []
    first = max(finds, key=lambda find: find.confidence)
    digest = hashlib.sha256("\n".join(p.text for p in passages).encode())
    return [
        QuarantinedItem(
            id=_identity("document", document_id, digest.hexdigest()),
            excerpt=first.excerpt,
            confidence=first.confidence,
            created_at=ports.clock.now(),
            document_id=document_id,
        )
    ]


def without_held(
    ports: Ports, known: Mapping[str, bool], found: dict[str, T]
) -> dict[str, T]:
    """Return the passages, by their ids, without those that are set aside.

    ``known`` are the documents with something found, as ``quarantine.documents`` has
    them.
    """
    held = {document for document, released in known.items() if not released}
    return {
        passage_id: pair
        for passage_id, pair in found.items()
        if pair[0].document_id not in held or _judged(ports, [pair[0].text]) is None
    }


def released_documents(ports: Ports, workspace: str) -> frozenset[str]:
    """Return the documents that somebody looked at and let go."""
    with ports.store.reading() as tx:
        known = tx.quarantine.documents(workspace)
    return frozenset(document for document, released in known.items() if released)


def list_quarantine(
    ports: Ports,
    caller: Principal,
    states: Sequence[QuarantineState],
    size: int,
    cursor: str,
) -> Page[QuarantinedItem]:
    """Return a page of what is set aside, newest first; no states means HELD."""
    wanted = states or (QuarantineState.HELD,)
    with ports.store.reading() as tx:
        return tx.quarantine.page(caller.workspace, wanted, size, cursor)


def release_quarantined(
    ports: Ports, caller: Principal, item_id: str, finish: Finish[QuarantinedItem]
) -> QuarantinedItem:
    """Let something be used again; repeating it changes nothing.

    Raises ``LookElsewhere(QUARANTINED_NOT_FOUND)``, and ``ChangeStateFirst
    (QUARANTINE_DECIDED)`` for what was thrown away.
    """
    return _decide(ports, caller, item_id, QuarantineState.RELEASED, finish)


def discard_quarantined(
    ports: Ports, caller: Principal, item_id: str, finish: Finish[QuarantinedItem]
) -> QuarantinedItem:
    """Throw something away for good: nothing reads it any more.

    The message stays in its ticket and the document in the list, as their owners have
    them. Raises as ``release_quarantined`` does, for what was released.
    """
    return _decide(ports, caller, item_id, QuarantineState.DISCARDED, finish)


def _decide(
    ports: Ports,
    caller: Principal,
    item_id: str,
    state: QuarantineState,
    finish: Finish[QuarantinedItem],
) -> QuarantinedItem:
    workspace = caller.workspace
    with ports.store.transaction() as tx:
        known = tx.quarantine.get(workspace, item_id)
        if known is None:
            raise LookElsewhere(Reason.QUARANTINED_NOT_FOUND, item_id)
        if known.state not in {QuarantineState.HELD, state}:
            raise ChangeStateFirst(Reason.QUARANTINE_DECIDED, item_id)
        if known.state is QuarantineState.HELD:
            by = caller.member_id or caller.actor
            known = tx.quarantine.decide(workspace, item_id, state, by) or known
            kind = f"quarantine.{state.value}"
            about = known.ticket_id or known.document_id
            event(tx, caller, kind, about, item_id=item_id)
            audit(tx, ports, caller, kind, item_id, about)
        finish(tx, known)
    return known


def _of_message(
    ports: Ports, ticket: Ticket, message: Message, texts: Sequence[str], find: _Find
) -> QuarantinedItem:
    digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return QuarantinedItem(
        id=_identity("message", ticket.id, message.id, digest),
        excerpt=find.excerpt,
        confidence=find.confidence,
        created_at=ports.clock.now(),
        message_id=message.id,
        ticket_id=ticket.id,
    )


def _identity(*parts: str) -> str:
    return f"qrn_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:26]}"


def _judged(ports: Ports, texts: Sequence[str]) -> _Find | None:
    """Return the words of the surest find among these texts."""
    best: _Find | None = None
    for text in texts:
        found = ports.safety.suspicion(text)
        if found.score < SUSPICIOUS_FROM:
            continue
        if best is None or found.score > best.confidence:
            start, end = found.spans[0] if found.spans else (0, len(text))
            words = visible_text(text[max(0, start - 60) : end + 200])
            # Whoever decides must see the orders, not the customer's card number.
            safe = ports.safety.redact(words, proven_only=True).text
            best = _Find(safe[:MOST_EXCERPT], found.score)
    return best
