"""Find passages that answer a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.domain.access import Principal
from sidecar.domain.knowledge import (
    Document,
    Passage,
    Retrieval,
    SearchMode,
    StoredPassage,
    Visibility,
)
from sidecar.domain.mail_text import new_text
from sidecar.domain.ranking import (
    ANSWERABLE_FROM,
    STALE_FACTOR,
    coverage,
    error_codes,
    fit,
    fuse,
    highlights,
    is_stale,
    words,
)
from sidecar.domain.text import visible_text
from sidecar.domain.ticket import Ticket
from sidecar.errors import FieldViolation, MendRequest, Reason
from sidecar.index.port import EntryKind, IndexFilter
from sidecar.usecases.commands import RetrieveCommand
from sidecar.usecases.ports import Ports
from sidecar.usecases.targets import require_ticket

CANDIDATES = 60
# Beyond this the question drowns in the story: MiniLM reads 256 tokens anyway.
QUERY_CHARACTERS = 1200

Found = tuple[StoredPassage, Document]


def retrieve(ports: Ports, caller: Principal, command: RetrieveCommand) -> Retrieval:
    """Search the workspace's knowledge by words and by meaning.

    Stores nothing: a ticket given inline is only read. Raises ``MendRequest`` for an
    empty query and ``TryAgain(INDEX_UNAVAILABLE)`` when the index does not answer.
    """
    query = _query(ports, caller, command)
    by_vector, by_words = _legs(ports, caller.workspace, query, command)
    order = fuse(by_vector, by_words)[:CANDIDATES]
    with ports.store.reading() as tx:
        stored = tx.documents.passages(caller.workspace, order)
    order = [entry for entry in order if _may_be_shown(stored.get(entry), command)]
    ranked = _rank(ports, query, order, stored, by_vector)[: command.top_k]
    query_words = words(query)
    passages = tuple(_passage(stored[fits.entry], fits, query_words) for fits in ranked)
    confidence = passages[0].score if passages else 0.0
    degraded = ""
    if command.mode is not SearchMode.KEYWORD and not ports.embedder.dimensions:
        degraded = "no vectors: the embedding model is not installed"
    return Retrieval(
        passages=passages,
        answerable=confidence >= ANSWERABLE_FROM,
        confidence=confidence,
        degraded=degraded,
    )


def ticket_question(ticket: Ticket) -> str:
    """Return what the customer asks now.

    The subject and the newest turn, without quotes.
    """
    turns = ticket.customer_messages or ticket.public_messages
    newest = new_text(turns[-1].body) if turns else ""
    return visible_text(f"{ticket.subject}\n{newest}").strip()[:QUERY_CHARACTERS]


def _query(ports: Ports, caller: Principal, command: RetrieveCommand) -> str:
    query = command.query
    if command.target.ticket is not None:
        query = ticket_question(command.target.ticket)
    elif command.target.ticket_id:
        with ports.store.reading() as tx:
            ticket = require_ticket(tx, caller, command.target.ticket_id)
        query = ticket_question(ticket)
    query = visible_text(query).strip()[:QUERY_CHARACTERS]
    if not query and command.target == type(command.target)():
        violation = FieldViolation("query", "give a query, a ticket or a ticket_id")
        raise MendRequest(Reason.FIELD_REQUIRED, (violation,))
    return query


def _legs(
    ports: Ports, workspace: str, query: str, command: RetrieveCommand
) -> tuple[dict[str, float], dict[str, float]]:
    if not query:
        return {}, {}
    where = IndexFilter(
        public_only=command.where.public_only,
        sources=command.where.sources,
        languages=command.where.languages,
        tags=command.where.tags,
    )
    by_vector: dict[str, float] = {}
    by_words: dict[str, float] = {}
    if command.mode is not SearchMode.KEYWORD and ports.embedder.dimensions:
        vector = ports.embedder.embed([query])[0]
        hits = ports.index.by_vector(
            workspace, EntryKind.PASSAGE, np.asarray(vector), CANDIDATES, where
        )
        by_vector = {hit.entry_id: hit.score for hit in hits}
    if command.mode is not SearchMode.VECTOR or not ports.embedder.dimensions:
        hits = ports.index.by_words(
            workspace, EntryKind.PASSAGE, query, CANDIDATES, where
        )
        by_words = {hit.entry_id: hit.score for hit in hits}
    return by_vector, by_words


def _may_be_shown(found: Found | None, command: RetrieveCommand) -> bool:
    """Check again after the fetch: the index may lag behind the database."""
    if found is None:
        return False
    public = found[1].visibility is Visibility.PUBLIC
    return public or not command.where.public_only


@dataclass(frozen=True, slots=True)
class _Fit:
    entry: str
    score: float
    stale: bool


def _rank(
    ports: Ports,
    query: str,
    order: Sequence[str],
    stored: Mapping[str, Found],
    by_vector: Mapping[str, float],
) -> list[_Fit]:
    """Return how well each entry fits, best first."""
    texts = [
        words(f"{stored[entry][1].title} {stored[entry][0].heading}")
        + words(stored[entry][0].text)
        for entry in order
    ]
    covered = coverage(words(query), texts)
    floor = min(by_vector.values(), default=0.0)
    named = error_codes(query)
    now = ports.clock.now()
    ranked = []
    for entry, share in zip(order, covered, strict=True):
        cosine = by_vector.get(entry, floor) if by_vector else None
        passage, document = stored[entry]
        stale = is_stale(document.updated_at, document.valid_until, now)
        known = bool(named) and not named.isdisjoint(error_codes(passage.text))
        score = fit(cosine, share, has_code=known) * (STALE_FACTOR if stale else 1.0)
        ranked.append(_Fit(entry, round(score, 6), stale))
    return sorted(ranked, key=lambda fits: (-fits.score, fits.entry))


def _passage(found: Found, fits: _Fit, query_words: Sequence[str]) -> Passage:
    passage, document = found
    return Passage(
        passage_id=passage.id,
        document_id=document.id,
        title=document.title,
        heading=passage.heading,
        text=passage.text,
        source=document.source,
        url=document.source_url,
        score=fits.score,
        updated_at=document.updated_at,
        stale=fits.stale,
        visibility=document.visibility,
        language=document.language,
        page=passage.page,
        highlights=highlights(query_words, passage.text),
    )
