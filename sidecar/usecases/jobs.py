"""Long work: look at it, and do it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sidecar.domain.access import Principal, Role
from sidecar.domain.knowledge import Document, DocumentFilter, DocumentState
from sidecar.errors import LookElsewhere, Reason
from sidecar.index.port import EntryKind
from sidecar.store.port import Job
from sidecar.usecases.documents import (
    REINDEX,
    index_stored_document,
    reindex_documents,
)
from sidecar.usecases.ports import Finish, Ports, unsaved
from sidecar.usecases.record import audit
from sidecar.usecases.train import TRAIN

LEASE = timedelta(seconds=60)
_PAGE = 100
_RECENT = 20

log = logging.getLogger(__name__)


def get_job(ports: Ports, caller: Principal, job_id: str) -> Job:
    """Return a job with its progress."""
    with ports.store.reading() as tx:
        job = tx.jobs.get(caller.workspace, job_id)
        made = tx.classifiers.of_job(caller.workspace, job_id)
    if job is None:
        raise LookElsewhere(Reason.JOB_NOT_FOUND, job_id)
    return replace(job, result=made.report) if made else job


def list_jobs(ports: Ports, caller: Principal, limit: int) -> Sequence[Job]:
    """Return the newest jobs."""
    with ports.store.reading() as tx:
        return tx.jobs.newest(caller.workspace, limit)


def cancel_job(
    ports: Ports, caller: Principal, job_id: str, finish: Finish[Job]
) -> Job:
    """Stop a job and return it; one that is over already is returned as it ended.

    Whoever works at it finds out at its next step, and nothing of it is kept. Raises
    ``LookElsewhere(JOB_NOT_FOUND)``.
    """
    with ports.store.transaction() as tx:
        # Written first: SQLite cannot turn a reader into a writer while others write.
        is_stopped = tx.jobs.cancel(caller.workspace, job_id)
        job = tx.jobs.get(caller.workspace, job_id)
        if job is None:
            raise LookElsewhere(Reason.JOB_NOT_FOUND, job_id)
        if is_stopped:
            tx.classifiers.drop_texts(caller.workspace, job_id)
            audit(tx, ports, caller, "job.cancel", job_id, job.kind)
        finish(tx, job)
    return job


def run_next_job(ports: Ports, worker: str) -> bool:
    """Take one job and do it; False when there was none."""
    with ports.store.transaction() as tx:
        # Trainings have a thread of their own: nothing else should wait for them.
        job = tx.jobs.lease(worker, LEASE, but=TRAIN)
    if job is None:
        return False
    if job.kind != REINDEX:
        _report(ports, worker, replace(job, state="failed", message="unknown kind"))
        return True
    _reindex(ports, worker, job)
    return True


def queue_needed_reindex(ports: Ports) -> int:
    """Queue a re-index where the index lacks what the database has.

    Entries without a vector of the present model (it was changed, or installed
    later) would be found by words only, passages of a lost index not at all. Returns
    how many workspaces needed it.
    """
    with ports.store.reading() as tx:
        idle = [
            workspace
            for workspace in tx.access.workspaces()
            if not any(
                _is_reindexing(job) for job in tx.jobs.newest(workspace, _RECENT)
            )
        ]
    due = [workspace for workspace in idle if _lacks_entries(ports, workspace)]
    for workspace in due:
        log.warning("the index of workspace %s is built anew", workspace)
        operator = Principal(workspace, Role.SERVICE, "background", "")
        reindex_documents(ports, operator, unsaved)
    return len(due)


def _is_reindexing(job: Job) -> bool:
    return job.kind == REINDEX and job.state in ("queued", "running")


def _lacks_entries(ports: Ports, workspace: str) -> bool:
    status = ports.index.status(workspace)
    if ports.embedder.dimensions and status.without_vector:
        return True
    with ports.store.reading() as tx:
        _, passages = tx.documents.count(workspace)
    # Read after the index: an upload in between must not look like a loss.
    return bool(passages) and not status.passages


def _reindex(ports: Ports, worker: str, job: Job) -> None:
    """Index every document and ticket again, then drop entries of what is gone.

    A killed worker's job starts over: replacing a group is repeatable. Tickets are
    only marked here; the background thread indexes what is marked.
    """
    documents = _all_documents(ports, job.workspace)
    job = replace(job, state="running", done=0, total=len(documents))
    for document in documents:
        if document.state in (DocumentState.READY, DocumentState.INDEXING):
            index_stored_document(ports, job.workspace, document)
        job = replace(job, done=job.done + 1)
        if not _report(ports, worker, job):
            return
    _drop_orphans(ports, job.workspace, {document.id for document in documents})
    with ports.store.transaction() as tx:
        tx.tickets.unmark_indexed(job.workspace)
    _report(ports, worker, replace(job, state="done"))


def _drop_orphans(ports: Ports, workspace: str, known: set[str]) -> None:
    """Drop groups without a document; one uploaded meanwhile is asked for again."""
    for group in ports.index.groups(workspace, EntryKind.PASSAGE) - known:
        with ports.store.reading() as tx:
            document = tx.documents.get(workspace, group)
        if document is None:
            ports.index.delete_group(workspace, EntryKind.PASSAGE, group)


def _all_documents(ports: Ports, workspace: str) -> list[Document]:
    documents: list[Document] = []
    cursor = ""
    while True:
        with ports.store.reading() as tx:
            page = tx.documents.page(workspace, DocumentFilter(), _PAGE, cursor)
        documents.extend(page.items)
        cursor = page.next_cursor
        if not cursor:
            return documents


def _report(ports: Ports, worker: str, job: Job) -> bool:
    with ports.store.transaction(durable=False) as tx:
        now = ports.clock.now()
        return tx.jobs.progress(replace(job, updated_at=now), worker, LEASE)
