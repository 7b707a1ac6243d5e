"""What this deployment has and lacks, for the administration page and ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.index.port import IndexStatus
from sidecar.usecases.connector_state import Status as ConnectorStatus
from sidecar.usecases.connector_state import statuses_of
from sidecar.usecases.flags import WRITING_PAUSED, flag
from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of one workspace, and the parts that answer its calls."""

    tickets: int
    documents: int
    passages: int
    index: IndexStatus
    embedder: str
    engine: str
    engine_model: str
    connectors: tuple[ConnectorStatus, ...] = ()
    writing_paused: bool = False


def get_status(ports: Ports, caller: Principal) -> Status:
    """Return what is there; raises ``TryAgain`` when database or index is not."""
    with ports.store.reading() as tx:
        tickets = tx.tickets.count(caller.workspace)
        documents, passages = tx.documents.count(caller.workspace)
        paused = flag(tx, caller.workspace, WRITING_PAUSED)
        connectors = statuses_of(tx, caller.workspace, ports.clock.now())
    return Status(
        tickets=tickets,
        documents=documents,
        passages=passages,
        index=ports.index.status(caller.workspace),
        embedder=ports.embedder.model,
        engine=ports.engine.name,
        engine_model=ports.engine.model,
        connectors=connectors,
        writing_paused=paused,
    )
