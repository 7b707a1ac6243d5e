"""Find tickets like this one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.access import Principal
from sidecar.domain.mail_text import new_text
from sidecar.domain.ranking import closeness
from sidecar.domain.text import visible_text
from sidecar.domain.ticket import SimilarTicket, Ticket
from sidecar.index.port import EntryKind, IndexFilter, IndexHit, Rows, Vector
from sidecar.usecases.ports import Ports, Target
from sidecar.usecases.retrieve import MOST_READ, QUERY_CHARACTERS
from sidecar.usecases.targets import require_ticket

SNIPPET_CHARACTERS = 220
LEAST_SCORE = 0.25
# So many of the nearest are compared with each other; fewer say nothing in common.
NEIGHBOURS = 200
CENTRING = 0.5
FEEDBACK = 10


def find_similar(
    ports: Ports, caller: Principal, target: Target, text: str, top_k: int
) -> list[SimilarTicket]:
    """Return tickets with a like problem, best first, with what solved them.

    Texts of other customers are shown redacted. Stores nothing.
    """
    ticket = target.ticket
    if target.ticket_id:
        with ports.store.reading() as tx:
            ticket = require_ticket(tx, caller, target.ticket_id)
    query = ticket_problem(ticket) if ticket is not None else visible_text(text)
    if not query.strip():
        return []
    own = ticket.id if ticket is not None else ""
    hits = _hits(ports, caller.workspace, query, own, top_k)
    with ports.store.reading() as tx:
        stored = tx.tickets.get_many(caller.workspace, [hit.group_id for hit in hits])
    customer = ticket.customer.id if ticket is not None else ""
    return [
        _similar(ports, stored[hit.group_id], hit.score, customer)
        for hit in hits
        if hit.group_id in stored
    ]


def ticket_problem(ticket: Ticket) -> str:
    """Return the text a ticket is found by.

    The subject and the customer's first turn.
    """
    turns = ticket.customer_messages or ticket.public_messages
    first = new_text(turns[0].body[:MOST_READ]) if turns else ""
    return visible_text(f"{ticket.subject}\n{first}").strip()[:QUERY_CHARACTERS]


def _hits(
    ports: Ports, workspace: str, query: str, own: str, top_k: int
) -> list[IndexHit]:
    where = IndexFilter(exclude_groups=(own,) if own else ())
    if not ports.embedder.dimensions:
        hits = ports.index.by_words(workspace, EntryKind.TICKET, query, top_k, where)
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        return [IndexHit(h.entry_id, h.group_id, 0.8 * h.score / best) for h in hits]
    vector = np.asarray(ports.embedder.embed([query])[0])
    kind = EntryKind.TICKET
    hits = ports.index.by_vector(workspace, kind, vector, NEIGHBOURS, where)
    scored = [IndexHit(h.entry_id, h.group_id, closeness(h.score)) for h in hits]
    # Below, a ticket is another matter, whatever stands around it.
    scored = [hit for hit in scored if hit.score >= LEAST_SCORE]
    if len(hits) < NEIGHBOURS:
        return scored[:top_k]
    rows = ports.index.vectors(workspace, kind, [hit.entry_id for hit in scored])
    order = by_neighbourhood(vector, rows)[:top_k]
    return _descending([scored[at] for at in order])


def by_neighbourhood(vector: Vector, rows: Rows) -> list[int]:
    """Return the positions of ``rows`` (nearest first), best first by what they share.

    All tickets of a desk have something in common that tells nothing: half of the
    neighbours' mean is taken away. Then the question moves to the middle of itself and
    its nearest ones (Rocchio 1971), whose words it might have used as well.
    """
    if not len(rows):
        return []
    common = CENTRING * rows.mean(axis=0, dtype=np.float64)
    around = _units(rows - common)
    wanted = _units(vector / max(float(np.linalg.norm(vector)), 1e-9) - common)
    near = np.argsort(-np.einsum("ij,j->i", around, wanted), kind="stable")[:FEEDBACK]
    moved = _units(wanted + around[near].mean(axis=0))
    fits = np.einsum("ij,j->i", around, moved)
    return [int(at) for at in np.argsort(-fits, kind="stable")]


def _units(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    found: NDArray[np.float64] = rows / np.maximum(lengths, 1e-9)
    return found


def _descending(hits: list[IndexHit]) -> list[IndexHit]:
    """Return the hits with scores that never rise: the order is what was found out."""
    found: list[IndexHit] = []
    for hit in hits:
        score = min(hit.score, found[-1].score) if found else hit.score
        found.append(IndexHit(hit.entry_id, hit.group_id, score))
    return found


def _similar(
    ports: Ports, ticket: Ticket, score: float, customer_id: str
) -> SimilarTicket:
    subject, snippet, resolution = ticket.subject, _snippet(ticket), ticket.resolution
    if not customer_id or ticket.customer.id != customer_id:
        names = tuple(
            name
            for name in (ticket.customer.name, ticket.customer.email)
            if name.strip()
        )
        subject = ports.safety.redact(subject, names).text
        # Redacted before it is cut: half an account number passes no check sum.
        snippet = _cut(ports.safety.redact(_first_turn(ticket), names).text)
        resolution = ports.safety.redact(resolution, names).text
    return SimilarTicket(
        ticket_id=ticket.id,
        external_id=ticket.external_id,
        subject=subject,
        snippet=snippet,
        status=ticket.status,
        resolution=resolution,
        score=round(score, 6),
        created_at=ticket.created_at,
        url=ticket.url,
        connector=ticket.connector,
    )


def _snippet(ticket: Ticket) -> str:
    return _cut(_first_turn(ticket))


def _first_turn(ticket: Ticket) -> str:
    turns = ticket.customer_messages
    return " ".join(new_text(turns[0].body[:MOST_READ]).split()) if turns else ""


def _cut(text: str) -> str:
    if len(text) <= SNIPPET_CHARACTERS:
        return text
    return text[:SNIPPET_CHARACTERS].rsplit(" ", 1)[0] + " …"
