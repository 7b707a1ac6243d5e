"""Opening a passage: its neighbours, and who may see it."""

from __future__ import annotations

import grpc
import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import assist_pb2, common_pb2, knowledge_pb2
from tests.contract.rpc.conftest import Running

PARTS = ("Walrus", "Ibex", "Heron", "Otter")


def upload(client: SidecarClient, name: str, visibility: int) -> str:
    """Take in a document of four long parts and return its id."""
    text = "\n\n".join(
        f"# {part}\n\n" + f"The {part.lower()} of {name} lives by the sea. " * 30
        for part in PARTS
    )
    header = knowledge_pb2.AddDocumentHeader(
        file_name=f"{name}.md",
        title=name,
        visibility=visibility,  # type: ignore[arg-type]  # its number
    )
    answer = client.upload(text.encode(), header)
    assert answer.document.passage_count >= 3
    return answer.document.document_id


def first_passage(running: Running, document_id: str) -> str:
    """Return the id of a document's first passage."""
    with running.house.ports.store.reading() as tx:
        return tx.documents.passages_of("default", document_id)[0].id


def opened(
    client: SidecarClient, passage_id: str, audience: int = 0
) -> knowledge_pb2.GetPassageResponse:
    """Ask for a passage."""
    return client.knowledge.GetPassage(
        knowledge_pb2.GetPassageRequest(
            passage_id=passage_id,
            audience=audience,  # type: ignore[arg-type]  # its number
        )
    )


def refused(client: SidecarClient, passage_id: str, audience: int = 0) -> SidecarError:
    """Ask for a passage that must not come."""
    with pytest.raises(SidecarError) as caught:
        opened(client, passage_id, audience)
    return caught.value


def test_a_passage_comes_with_its_neighbours(running: Running) -> None:
    """Walking from the first to the last by ``next`` and back by ``previous``."""
    with running.client("viewer") as viewer, running.client() as client:
        document_id = upload(client, "neighbours", common_pb2.VISIBILITY_PUBLIC)
        here = opened(viewer, first_passage(running, document_id))
        assert not here.HasField("previous")
        walked = [here.passage.passage_id]
        while here.HasField("next"):
            before, here = here, opened(viewer, here.next.passage_id)
            assert here.previous == before.passage
            walked.append(here.passage.passage_id)
        with running.house.ports.store.reading() as tx:
            stored = tx.documents.passages_of("default", document_id)
        assert walked == [item.id for item in stored]
        assert here.passage.text == stored[-1].text


def test_what_a_search_found_can_be_opened(running: Running) -> None:
    """The panel opens a citation by the id the answer names."""
    with running.client() as client:
        upload(client, "kangaroos", common_pb2.VISIBILITY_PUBLIC)
        found = client.assist.Retrieve(
            assist_pb2.RetrieveRequest(query="the ibex of kangaroos", top_k=1)
        )
        hit = found.passages[0]
        here = opened(client, hit.passage_id).passage
    assert (here.text, here.title, here.document_id) == (
        hit.text,
        hit.title,
        hit.document_id,
    )
    assert here.score == 0


def test_a_customer_never_sees_an_internal_passage(running: Running) -> None:
    """It is as if it were not there; an agent sees it."""
    with running.client() as client:
        document_id = upload(client, "secrets", common_pb2.VISIBILITY_INTERNAL)
        known = first_passage(running, document_id)
        error = refused(client, known, common_pb2.AUDIENCE_CUSTOMER)
        assert error.reason == "PASSAGE_NOT_FOUND"
        assert opened(client, known, common_pb2.AUDIENCE_AGENT).passage.text
        assert opened(client, known).passage.text


def test_a_passage_of_another_workspace_is_not_found(running: Running) -> None:
    """The same answer as for an id that never was."""
    with running.client() as client, running.client("elsewhere") as other:
        document_id = upload(client, "mine", common_pb2.VISIBILITY_PUBLIC)
        theirs = refused(other, first_passage(running, document_id))
        never = refused(other, "psg_never")
    assert theirs.code is never.code is grpc.StatusCode.NOT_FOUND
    assert theirs.message == never.message


def test_a_passage_of_a_deleted_document_is_not_found(running: Running) -> None:
    """Forgetting a document forgets its passages."""
    with running.client() as client:
        document_id = upload(client, "gone", common_pb2.VISIBILITY_PUBLIC)
        known = first_passage(running, document_id)
        client.knowledge.DeleteDocument(
            knowledge_pb2.DeleteDocumentRequest(document_id=document_id)
        )
        assert refused(client, known).reason == "PASSAGE_NOT_FOUND"


@pytest.mark.parametrize(
    ("passage_id", "audience", "field"),
    [("", 0, "passage_id"), ("x" * 256, 0, "passage_id"), ("psg_1", 9, "audience")],
)
def test_each_limit_names_its_field(
    running: Running, passage_id: str, audience: int, field: str
) -> None:
    """A request that breaks one limit hears which one."""
    with running.client() as client:
        error = refused(client, passage_id, audience)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.field for violation in error.violations] == [field]
