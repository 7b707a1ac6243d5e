"""Open a passage that a citation names, with what stands around it."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.domain.knowledge import Document, Passage, StoredPassage, Visibility
from sidecar.domain.ranking import is_stale
from sidecar.errors import LookElsewhere, Reason
from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class PassageInPlace:
    """A passage and its neighbours in the document; None at either end."""

    passage: Passage
    previous: Passage | None
    next: Passage | None


def get_passage(
    ports: Ports, caller: Principal, passage_id: str, *, public_only: bool
) -> PassageInPlace:
    """Return a passage of a document that can be found, and its neighbours.

    Raises ``LookElsewhere(PASSAGE_NOT_FOUND)`` for one that is unknown, belongs to
    another workspace or stands in an internal document while ``public_only`` holds:
    whoever may not see it does not learn that it exists.
    """
    with ports.store.reading() as tx:
        found = tx.documents.passages(caller.workspace, [passage_id]).get(passage_id)
        if found is None or _is_hidden(found[1], public_only):
            raise LookElsewhere(Reason.PASSAGE_NOT_FOUND, passage_id)
        passage, document = found
        around = tx.documents.passages_of(caller.workspace, document.id)
    by_place = {item.ordinal: item for item in around}
    stale = is_stale(document.updated_at, document.valid_until, ports.clock.now())

    def at(ordinal: int) -> Passage | None:
        item = by_place.get(ordinal)
        return _passage(item, document, stale) if item else None

    return PassageInPlace(
        passage=_passage(passage, document, stale),
        previous=at(passage.ordinal - 1),
        next=at(passage.ordinal + 1),
    )


def _is_hidden(document: Document, public_only: bool) -> bool:
    return public_only and document.visibility is not Visibility.PUBLIC


def _passage(item: StoredPassage, document: Document, stale: bool) -> Passage:
    return Passage(
        passage_id=item.id,
        document_id=document.id,
        title=document.title,
        heading=item.heading,
        text=item.text,
        source=document.source,
        url=document.source_url,
        score=0.0,
        updated_at=document.updated_at,
        stale=stale,
        visibility=document.visibility,
        language=document.language,
        page=item.page,
    )
