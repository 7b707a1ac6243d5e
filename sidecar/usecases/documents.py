"""Read, list, delete and re-index knowledge."""

from __future__ import annotations

import logging
from datetime import timedelta

from sidecar.domain.access import Principal
from sidecar.domain.ids import new_id
from sidecar.domain.knowledge import Document, DocumentFilter, DocumentState
from sidecar.errors import DesksideError, LookElsewhere, Reason
from sidecar.index.port import EntryKind
from sidecar.store.port import Job, Page
from sidecar.usecases.ingest_document import index_document
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit

REINDEX = "reindex"

log = logging.getLogger(__name__)


def get_document(ports: Ports, caller: Principal, document_id: str) -> Document:
    """Return a document's metadata."""
    with ports.store.reading() as tx:
        document = tx.documents.get(caller.workspace, document_id)
    if document is None or document.state is DocumentState.DELETING:
        raise LookElsewhere(Reason.DOCUMENT_NOT_FOUND, document_id)
    return document


def list_documents(
    ports: Ports, caller: Principal, where: DocumentFilter, size: int, cursor: str
) -> Page[Document]:
    """Return a page of documents, by title."""
    with ports.store.reading() as tx:
        return tx.documents.page(caller.workspace, where, size, cursor)


def delete_document(
    ports: Ports, caller: Principal, document_id: str, finish: Finish[int]
) -> int:
    """Forget a document: from this moment no search shows it. Returns its passages.

    It is marked first, then leaves the index, then the database; a crash in between is
    finished by the sweeper. So the answer is saved with the mark, which nothing takes
    back: a repeat after the crash must not hear that there is no such document.
    """
    workspace = caller.workspace
    with ports.store.transaction() as tx:
        document = tx.documents.get(workspace, document_id)
        if document is None or document.state is DocumentState.DELETING:
            raise LookElsewhere(Reason.DOCUMENT_NOT_FOUND, document_id)
        tx.documents.set_state(workspace, document_id, DocumentState.DELETING)
        audit(tx, ports, caller, "document.delete", document_id)
        finish(tx, document.passage_count)
    remove_document(ports, workspace, document_id)
    return document.passage_count


def remove_document(ports: Ports, workspace: str, document_id: str) -> None:
    """Take a document marked DELETING out of index and database; repeatable."""
    ports.index.delete_group(workspace, EntryKind.PASSAGE, document_id)
    with ports.store.transaction() as tx:
        tx.documents.delete(workspace, document_id)


def reindex_documents(ports: Ports, caller: Principal, finish: Finish[Job]) -> Job:
    """Queue building the workspace's index anew from the database; searches go on."""
    now = ports.clock.now()
    job = Job(
        id=new_id("job", now),
        workspace=caller.workspace,
        kind=REINDEX,
        state="queued",
        done=0,
        total=0,
        message="",
        created_at=now,
        updated_at=now,
    )
    with ports.store.transaction() as tx:
        tx.jobs.add(job)
        audit(tx, ports, caller, "documents.reindex", job.id)
        finish(tx, job)
    return job


def finish_left_documents(ports: Ports, left_for: timedelta, limit: int) -> int:
    """Finish what a crash left half done: index or delete; return how many.

    ``left_for`` keeps hands off documents that another thread is busy with.
    """
    before = ports.clock.now() - left_for
    states = (DocumentState.INDEXING, DocumentState.DELETING)
    with ports.store.reading() as tx:
        left = tx.documents.in_state(states, before, limit)
    for workspace, document in left:
        try:
            _finish(ports, workspace, document)
        except DesksideError:
            raise  # database or index do not answer: the next one would meet the same
        except Exception:
            # One document that cannot be indexed must not hold up all others.
            log.exception("document %s cannot be indexed", document.id)
            with ports.store.transaction() as tx:
                tx.documents.set_state(
                    workspace,
                    document.id,
                    DocumentState.FAILED,
                    Reason.INTERNAL.value,
                    "It could not be indexed. Upload it again.",
                )
    return len(left)


def _finish(ports: Ports, workspace: str, document: Document) -> None:
    if document.state is DocumentState.DELETING:
        remove_document(ports, workspace, document.id)
    else:
        index_stored_document(ports, workspace, document)


def index_stored_document(ports: Ports, workspace: str, document: Document) -> None:
    """Index a document from the passages the database holds, and mark it READY."""
    with ports.store.reading() as tx:
        passages = tx.documents.passages_of(workspace, document.id)
    index_document(ports, workspace, document, passages)
    with ports.store.transaction() as tx:
        tx.documents.set_state(workspace, document.id, DocumentState.READY)
