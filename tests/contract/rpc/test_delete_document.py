"""Deleting a document: once per request id, whatever dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import knowledge_pb2
from tests.contract.rpc.conftest import Running
from tests.servers import free_port

# The power is cut after the deletion is decided and before the index hears of it.
_DIES_IN_BETWEEN = """
import os, signal
from sidecar.index.embedded import EmbeddedIndex
EmbeddedIndex.delete_group = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
"""
_SERVES = "from sidecar.server import main\nmain()\n"


def upload(client: SidecarClient, name: str) -> str:
    """Take in a small document and return its id."""
    header = knowledge_pb2.AddDocumentHeader(file_name=f"{name}.md")
    answer = client.upload(f"# {name}\n\nThe {name} lives by the sea.".encode(), header)
    return answer.document.document_id


def deletion(document_id: str, request_id: str) -> knowledge_pb2.DeleteDocumentRequest:
    """Return the request."""
    return knowledge_pb2.DeleteDocumentRequest(
        document_id=document_id, request_id=request_id
    )


def test_a_repeat_returns_the_first_answer(running: Running) -> None:
    """The document is gone, and the repeat still hears how much went."""
    with running.client() as client:
        request = deletion(upload(client, "walrus"), "delete-once")
        first = client.knowledge.DeleteDocument(request)
        again = client.knowledge.DeleteDocument(request)
    assert first.deleted_passage_count == 1
    assert again == first


def test_deleting_under_another_id_finds_nothing(running: Running) -> None:
    """A second wish to delete is another request: there is no such document."""
    with running.client() as client:
        document_id = upload(client, "ibex")
        client.knowledge.DeleteDocument(deletion(document_id, "delete-first"))
        with pytest.raises(SidecarError) as caught:
            client.knowledge.DeleteDocument(deletion(document_id, "delete-second"))
    assert caught.value.reason == "DOCUMENT_NOT_FOUND"


def test_nobody_deletes_in_another_workspace(running: Running) -> None:
    """It stays, and the stranger learns nothing."""
    with running.client() as client, running.client("elsewhere") as other:
        document_id = upload(client, "heron")
        with pytest.raises(SidecarError) as caught:
            other.knowledge.DeleteDocument(deletion(document_id, "delete-theirs"))
        kept = client.knowledge.GetDocument(
            knowledge_pb2.GetDocumentRequest(document_id=document_id)
        )
    assert caught.value.reason == "DOCUMENT_NOT_FOUND"
    assert kept.document.passage_count == 1


def test_a_repeat_after_a_kill_returns_the_first_answer(tmp_path: Path) -> None:
    """Killed in the middle; the next process answers as the first would have."""
    address = f"127.0.0.1:{free_port()}"
    environment = {
        **os.environ,
        "DESKSIDE_DATA_DIR": str(tmp_path),
        "DESKSIDE_SIDECAR_ADDRESS": address,
        "DESKSIDE_EMBEDDER": "none",
    }

    def start(code: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", code], env=environment)

    process = start(_DIES_IN_BETWEEN + _SERVES)
    try:
        client = connected(tmp_path, address)
        request = deletion(upload(client, "otter"), "delete-killed")
        with pytest.raises(SidecarError):
            client.knowledge.DeleteDocument(request, timeout=3)
        assert process.wait(5) == -signal.SIGKILL
        process = start(_SERVES)
        client = connected(tmp_path, address)
        answers = [client.knowledge.DeleteDocument(request, timeout=20)]
        swept(client, request.document_id)
        answers.append(client.knowledge.DeleteDocument(request))
    finally:
        process.kill()
        process.wait()
    assert [answer.deleted_passage_count for answer in answers] == [1, 1]


def connected(folder: Path, address: str) -> SidecarClient:
    """Return a client of a process that has just been started."""
    key, end = folder / "admin.key", time.monotonic() + 20
    while not key.exists() or not key.read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.05)
    client = SidecarClient(address, key.read_text().strip())
    assert client.wait_until_serving(20)
    return client


def swept(client: SidecarClient, document_id: str) -> None:
    """Wait until no list shows the document."""
    end = time.monotonic() + 10
    while True:
        page = client.knowledge.ListDocuments(knowledge_pb2.ListDocumentsRequest())
        if document_id not in {item.document_id for item in page.documents}:
            return
        assert time.monotonic() < end
        time.sleep(0.1)
