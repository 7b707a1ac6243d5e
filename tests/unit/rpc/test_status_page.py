"""What GetStatus tells an administrator."""

from __future__ import annotations

from dataclasses import replace

from sidecar.index.port import IndexStatus
from sidecar.rpc.translate.insight import status
from sidecar.usecases.status import Status
from sidecar.v1 import insight_pb2

WHOLE = Status(
    tickets=1,
    documents=1,
    passages=3,
    index=IndexStatus(passages=3, tickets=1, model="m", dimensions=384),
    embedder="m",
    engine="local",
    engine_model="m",
)


def test_an_index_that_lost_passages_is_not_called_healthy() -> None:
    """An emptied index answers "nothing found"; the status names the cure."""
    lost = replace(WHOLE, index=replace(WHOLE.index, passages=0))
    for found, health in (
        (WHOLE, insight_pb2.COMPONENT_HEALTH_OK),
        (lost, insight_pb2.COMPONENT_HEALTH_DEGRADED),
    ):
        (part,) = (p for p in status(found, "1").components if p.name == "index")
        assert part.health == health
        assert ("deskside kb reindex" in part.message) == (found is lost)
