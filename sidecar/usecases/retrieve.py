"""Find passages that answer a question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sidecar.domain.access import Principal
from sidecar.domain.answerable import ANSWERABLE_FROM
from sidecar.domain.knowledge import Passage, Retrieval, SearchMode, Visibility
from sidecar.domain.mail_text import new_text
from sidecar.domain.ranking import fuse, highlights, words
from sidecar.domain.text import visible_text
from sidecar.domain.ticket import Message, Ticket
from sidecar.errors import FieldViolation, MendRequest, Reason
from sidecar.index.port import EntryKind, IndexFilter, Vector
from sidecar.usecases.commands import RetrieveCommand
from sidecar.usecases.comparison import Comparison, Fit, Found, Query
from sidecar.usecases.ports import Ports
from sidecar.usecases.quarantine import without_held
from sidecar.usecases.targets import require_ticket

CANDIDATES = 60
# Read from the database and compared word by word: at least so many, or what is asked.
COMPARED = 32
# Beyond this the question drowns in the story: MiniLM reads 256 tokens anyway.
QUERY_CHARACTERS = 1200
# Of one message; cut before quotes are looked for, which takes time by the megabyte.
MOST_READ = 20_000
# Earlier turns say what "it" is, but pull to what was answered already: as part of the
# query they cost a third of the best hits, at this weight they help (measured).
EARLIER_SHARE = 0.15


def retrieve(ports: Ports, caller: Principal, command: RetrieveCommand) -> Retrieval:
    """Search the workspace's knowledge by words and by meaning.

    Stores nothing: a ticket given inline is only read. Raises ``MendRequest`` for an
    empty query and ``TryAgain(INDEX_UNAVAILABLE)`` when the index does not answer.
    """
    comparison = compare(ports, caller, command)
    ranked = comparison.ranked()[: command.top_k]
    query_words = words(comparison.query.text)
    passages = tuple(
        _passage(comparison.found[fits.entry], fits, query_words) for fits in ranked
    )
    confidence = comparison.confidence(ranked[0]) if ranked else 0.0
    degraded = ""
    if command.mode is not SearchMode.KEYWORD and not ports.embedder.dimensions:
        degraded = "no vectors: the embedding model is not installed"
    return Retrieval(
        passages=passages,
        answerable=confidence >= ANSWERABLE_FROM,
        confidence=confidence,
        degraded=degraded,
    )


def compare(ports: Ports, caller: Principal, command: RetrieveCommand) -> Comparison:
    """Find the passages that may answer, and lay them beside the question."""
    query = _query(ports, caller, command)
    legs = _legs(ports, caller.workspace, query, command)
    order = fuse(*legs)[: max(COMPARED, command.top_k)]
    with ports.store.reading() as tx:
        stored = tx.documents.passages(caller.workspace, order)
        looked_at = tx.quarantine.documents(caller.workspace) if stored else {}
    found = {e: stored[e] for e in order if _may_be_shown(stored.get(e), command)}
    found = without_held(ports, looked_at, found)
    return Comparison(query, legs, found, ports.clock.now())


def ticket_question(ticket: Ticket) -> Query:
    """Return what the customer asks now: the subject and the newest turn, unquoted."""
    turns = ticket.customer_messages or ticket.public_messages
    newest = new_text(turns[-1].body[:MOST_READ]) if turns else ""
    text = visible_text(f"{ticket.subject}\n{newest}").strip()[:QUERY_CHARACTERS]
    return Query(text, _latest_of(turns[:-1]))


def _latest_of(turns: Sequence[Message]) -> str:
    """Return the last words of earlier turns; no more turns are read than it takes."""
    before = ""
    for turn in reversed(turns):
        said = visible_text(new_text(turn.body[:MOST_READ]))
        before = f"{said}\n{before}".rstrip()
        if len(before.lstrip()) >= QUERY_CHARACTERS:
            break
    return before.strip()[-QUERY_CHARACTERS:]


def _query(ports: Ports, caller: Principal, command: RetrieveCommand) -> Query:
    if command.target.ticket is not None:
        return ticket_question(command.target.ticket)
    if command.target.ticket_id:
        with ports.store.reading() as tx:
            ticket = require_ticket(tx, caller, command.target.ticket_id)
        return ticket_question(ticket)
    query = visible_text(command.query).strip()[:QUERY_CHARACTERS]
    if not query:
        violation = FieldViolation("query", "give a query, a ticket or a ticket_id")
        raise MendRequest(Reason.FIELD_REQUIRED, (violation,))
    return Query(query)


def _legs(
    ports: Ports, workspace: str, query: Query, command: RetrieveCommand
) -> tuple[dict[str, float], dict[str, float]]:
    if not query.text:
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
        hits = ports.index.by_vector(
            workspace, EntryKind.PASSAGE, _vector(ports, query), CANDIDATES, where
        )
        by_vector = {hit.entry_id: hit.score for hit in hits}
    if command.mode is not SearchMode.VECTOR or not ports.embedder.dimensions:
        hits = ports.index.by_words(
            workspace, EntryKind.PASSAGE, query.text, CANDIDATES, where
        )
        by_words = {hit.entry_id: hit.score for hit in hits}
    return by_vector, by_words


def _vector(ports: Ports, query: Query) -> Vector:
    if not query.earlier:
        return np.asarray(ports.embedder.embed([query.text])[0])
    now, earlier = ports.embedder.embed([query.text, query.earlier])
    # The index scales it to length one.
    return np.asarray(now + EARLIER_SHARE * earlier)


def _may_be_shown(found: Found | None, command: RetrieveCommand) -> bool:
    """Check again after the fetch: the index may lag behind the database."""
    if found is None:
        return False
    public = found[1].visibility is Visibility.PUBLIC
    return public or not command.where.public_only


def _passage(found: Found, fits: Fit, query_words: Sequence[str]) -> Passage:
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
