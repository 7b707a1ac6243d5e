"""Documents: take in, list, remove, index again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.errors import NotAvailable
from sidecar.rpc.translate import insight, knowledge
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.documents import (
    delete_document,
    get_document,
    list_documents,
    reindex_documents,
)
from sidecar.usecases.get_passage import get_passage
from sidecar.usecases.ingest_document import ingest_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import knowledge_pb2 as pb


class Knowledge:
    """``KnowledgeService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def add_document(
        self, requests: Iterator[pb.AddDocumentRequest], call: Call
    ) -> pb.AddDocumentResponse:
        """Take a document in; it can be found when the answer comes."""
        header, command = knowledge.upload(requests)
        return self._desk.once.run(
            call,
            knowledge.identity(header, command),
            lambda finish: ingest_document(
                self._ports, call.caller, command, finish, call.wanted
            ),
            knowledge.added,
        )

    def get_document(
        self, request: pb.GetDocumentRequest, call: Call
    ) -> pb.GetDocumentResponse:
        """Return a document without its bytes."""
        known = identifier("document_id", request.document_id, required=True)
        return knowledge.document(get_document(self._ports, call.caller, known))

    def list_documents(
        self, request: pb.ListDocumentsRequest, call: Call
    ) -> pb.ListDocumentsResponse:
        """Return a page of documents."""
        where = knowledge.list_query(request)
        size, cursor = (
            page_size(request.page_size),
            self._desk.pages.open(call, request),
        )
        page = list_documents(self._ports, call.caller, where, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return knowledge.document_page(page, token)

    def get_passage(
        self, request: pb.GetPassageRequest, call: Call
    ) -> pb.GetPassageResponse:
        """Return a passage and what stands around it."""
        known, public_only = knowledge.which_passage(request)
        return knowledge.passage_in_place(
            get_passage(self._ports, call.caller, known, public_only=public_only)
        )

    def delete_document(
        self, request: pb.DeleteDocumentRequest, call: Call
    ) -> pb.DeleteDocumentResponse:
        """Remove a document and say how many passages went."""
        known = identifier("document_id", request.document_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: delete_document(self._ports, call.caller, known, finish),
            knowledge.deleted,
        )

    def reindex_documents(
        self, request: pb.ReindexDocumentsRequest, call: Call
    ) -> pb.ReindexDocumentsResponse:
        """Queue building the index anew."""
        if request.document_ids or request.failed_only:
            raise NotAvailable("Re-indexing works on all documents only, for now.")
        return self._desk.once.run(
            call,
            request,
            lambda finish: reindex_documents(self._ports, call.caller, finish),
            insight.reindexing,
        )
