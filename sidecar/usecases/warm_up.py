"""Think once, so that no caller waits for what is loaded at first use."""

from __future__ import annotations

from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.index.port import EntryKind, IndexFilter
from sidecar.usecases.ports import Ports
from sidecar.usecases.taxonomy import current_taxonomy

_TEXT = "Where is my order? I was told it would arrive on Monday."
_TICKET = Ticket("", "", messages=(Message("", Author(AuthorRole.CUSTOMER), _TEXT),))


def warm_up(ports: Ports, workspace: str) -> None:
    """Classify and look up a sentence of our own; nothing is stored.

    Compiles the workspace's taxonomy and maps its index. A remote engine is left
    alone: its calls cost money. Raises ``TryAgain`` when the database or the index
    does not answer.
    """
    ports.safety.redact(_TEXT)
    with ports.store.reading() as tx:
        taxonomy = current_taxonomy(tx, workspace)
    if ports.engine.name == "local":
        ports.engine.read(_TICKET, taxonomy, None)
    everything = IndexFilter()
    ports.index.by_words(workspace, EntryKind.PASSAGE, _TEXT, 1, everything)
    if ports.embedder.dimensions:
        vector = ports.embedder.embed([_TEXT])[0]
        ports.index.by_vector(workspace, EntryKind.PASSAGE, vector, 1, everything)
