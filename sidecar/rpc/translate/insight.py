"""Status and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import connectors, enums
from sidecar.rpc.translate.tickets import stamp
from sidecar.v1 import common_pb2, insight_pb2, knowledge_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sidecar.store.port import Job
    from sidecar.usecases.status import Status

_STATES = {
    "queued": common_pb2.JOB_STATE_PENDING,
    "running": common_pb2.JOB_STATE_RUNNING,
    "done": common_pb2.JOB_STATE_SUCCEEDED,
    "failed": common_pb2.JOB_STATE_FAILED,
    "cancelled": common_pb2.JOB_STATE_CANCELLED,
}
_KINDS = {
    "reindex": common_pb2.JOB_KIND_REINDEX,
    "ingest": common_pb2.JOB_KIND_INGEST,
    "train": common_pb2.JOB_KIND_TRAIN,
}
_GOES_ON = (common_pb2.JOB_STATE_PENDING, common_pb2.JOB_STATE_RUNNING)


def status(found: Status, version: str) -> insight_pb2.GetStatusResponse:
    """Return what this deployment has and lacks."""
    health = insight_pb2.COMPONENT_HEALTH_OK
    vectors = (
        health if found.index.dimensions else insight_pb2.COMPONENT_HEALTH_DEGRADED
    )
    notes, searched = found.index.notes, health
    if found.index.passages < found.passages:
        # An index that was lost answers "nothing found", which looks like health.
        lost = f"{found.passages - found.index.passages} of {found.passages} passages"
        said = f"{lost} cannot be found yet; if that stays so: deskside kb reindex"
        notes = (said, *notes)
        searched = insight_pb2.COMPONENT_HEALTH_DEGRADED
    return insight_pb2.GetStatusResponse(
        version=version,
        components=[
            insight_pb2.ComponentStatus(name="database", health=health),
            insight_pb2.ComponentStatus(
                name="index", health=searched, message="; ".join(notes)
            ),
            insight_pb2.ComponentStatus(
                name="embedder", health=vectors, implementation=found.embedder
            ),
            insight_pb2.ComponentStatus(
                name="engine",
                health=health,
                implementation=found.engine,
                version=found.engine_model,
            ),
        ],
        ticket_count=found.tickets,
        document_count=found.documents,
        passage_count=found.passages,
        engine=enums.engine(found.engine),
        connectors=[connectors.status(item) for item in found.connectors],
        writing_paused=found.writing_paused,
    )


def job(found: Job) -> common_pb2.Job:
    """Return a job with its progress."""
    state = _STATES[found.state]
    is_failed_training = found.kind == "train" and found.state == "failed"
    return common_pb2.Job(
        job_id=found.id,
        kind=_KINDS[found.kind],
        state=state,
        done=found.done,
        total=found.total,
        message=found.message,
        created_at=stamp(found.created_at),
        error_reason="TRAINING_FAILED" if is_failed_training else "",
        error_message=found.message if is_failed_training else "",
        result_json=found.result.encode("utf-8"),
        finished_at=None if state in _GOES_ON else stamp(found.updated_at),
    )


def reindexing(found: Job) -> knowledge_pb2.ReindexDocumentsResponse:
    """Return the job that builds the index anew."""
    return knowledge_pb2.ReindexDocumentsResponse(job=job(found))


def one_job(found: Job) -> insight_pb2.GetJobResponse:
    """Return one job."""
    return insight_pb2.GetJobResponse(job=job(found))


def cancelled(found: Job) -> insight_pb2.CancelJobResponse:
    """Return the job that was stopped."""
    return insight_pb2.CancelJobResponse(job=job(found))


def jobs(found: Iterable[Job]) -> insight_pb2.ListJobsResponse:
    """Return the newest jobs."""
    return insight_pb2.ListJobsResponse(jobs=[job(item) for item in found])
