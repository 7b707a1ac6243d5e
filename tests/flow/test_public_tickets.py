"""The five calls on 20 public tickets, by a client that knows only reflection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.flow.sidecar_process import SidecarProcess
from tests.needs import REPOSITORY

DATA = REPOSITORY / "tests/data/public_tickets/tickets.jsonl"
KNOWLEDGE = REPOSITORY / "sidecar/sample/knowledge"
TICKETS = [json.loads(line) for line in DATA.read_text().splitlines()]


class Reflected:
    """Calls a server of which it knows address and key, nothing else."""

    def __init__(self, address: str, key: str) -> None:
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        self.channel = grpc.intercept_channel(
            grpc.insecure_channel(address), _WithKey(metadata)
        )
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def services(self) -> list[str]:
        """Return the names the server lists."""
        return list(self.database.get_services())

    def call(self, service: str, method: str, **fields: Any) -> Message:
        """Make a unary call; ``fields`` fill the request."""
        found = self.pool.FindServiceByName(f"sidecar.v1.{service}")
        rpc = found.methods_by_name[method]
        send: Any = self.channel.unary_unary(
            f"/sidecar.v1.{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(rpc.output_type).FromString,
        )
        request = GetMessageClass(rpc.input_type)(**fields)
        answer: Message = send(request, timeout=30)
        return answer


class _WithKey(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    def __init__(self, metadata: tuple[tuple[str, str], ...]) -> None:
        self._metadata = metadata

    def intercept_unary_unary(self, call: Any, details: Any, request: Any) -> Any:
        """Add the key to a unary call."""
        return call(self._with_key(details), request)

    def intercept_stream_stream(self, call: Any, details: Any, requests: Any) -> Any:
        """Add the key to a stream."""
        return call(self._with_key(details), requests)

    def _with_key(self, details: Any) -> Any:
        return details._replace(metadata=[*(details.metadata or ()), *self._metadata])


@pytest.fixture(scope="module")
def sidecar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """A running sidecar that knows the sample company's public articles."""
    running = SidecarProcess(tmp_path_factory.mktemp("public") / "data")
    running.start()
    running.wait_until_serving()
    client = running.client()
    from sidecar.cli.upload import Options, find_files, send  # heavy, used once

    for source in find_files([str(KNOWLEDGE)], recursive=True):
        assert send(client, source, Options()).result == "added"
    client.close()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def by_reflection(sidecar: SidecarProcess) -> Reflected:
    """A client with the administrator's key."""
    return Reflected(sidecar.address, sidecar.key("admin"))


def inline(row: dict[str, str]) -> dict[str, Any]:
    """Return a public text as a ticket of a customer."""
    message = {
        "external_id": "1",
        "author": {"role": "AUTHOR_ROLE_CUSTOMER"},
        "body": row["text"],
    }
    name = f"{row['set']}-{row['id']}"
    return {"external_id": name, "connector": "demo", "messages": [message]}


def unspecified(message: Message, path: str = "") -> list[str]:
    """Return the paths of all enum fields that were left UNSPECIFIED."""
    found = []
    present = {field.name for field, _ in message.ListFields()}
    for field in message.DESCRIPTOR.fields:
        here = f"{path}.{field.name}".lstrip(".")
        if field.has_presence and field.name not in present:
            continue  # optional and not set: that is its meaning
        value = getattr(message, field.name)
        if field.type == FieldDescriptor.TYPE_ENUM:
            values = value if field.is_repeated else [value]
            found += [here for number in values if number == 0]
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            parts = value if field.is_repeated else [value]
            for part in parts:
                if isinstance(part, Message):
                    found += unspecified(part, here)
    return found


def test_reflection_with_the_key_lists_every_service(by_reflection: Reflected) -> None:
    """A stranger with a key finds all twelve services and health."""
    names = set(by_reflection.services())
    assert "grpc.health.v1.Health" in names
    assert len([name for name in names if name.startswith("sidecar.v1.")]) == 12


def test_reflection_without_a_key_is_refused(sidecar: SidecarProcess) -> None:
    """A stranger without a key learns nothing."""
    with pytest.raises(grpc.RpcError) as refused:
        Reflected(sidecar.address, "").services()
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("row", TICKETS, ids=lambda row: f"{row['set']}-{row['id']}")
def test_five_calls_answer_a_public_ticket(
    row: dict[str, str], by_reflection: Reflected
) -> None:
    """Every answer is OK and whole, and every citation stands in its passage."""
    ticket = inline(row)
    call = by_reflection.call
    classified: Any = call("AssistService", "Classify", ticket=ticket)
    ticket_id = classified.ticket_id
    found = classified.classification
    assert found.category.value
    assert found.intent.value
    assert 1 <= found.priority <= 10
    assert 0 <= found.risk <= 1
    assert found.engine
    assert found.config_version
    retrieved: Any = call("AssistService", "Retrieve", ticket=ticket, top_k=5)
    summary: Any = call("AssistService", "Summarize", ticket_id=ticket_id)
    assert summary.summary.headline
    assert summary.summary.problem
    escalated: Any = call(
        "AssistService", "Escalate", ticket_id=ticket_id, level=2, reason="look"
    )
    assert escalated.escalation.escalation_id
    drafted: Any = call("AssistService", "DraftReply", ticket_id=ticket_id)
    _check_draft(drafted.draft, by_reflection)
    for answer in (classified, retrieved, summary, escalated, drafted):
        assert unspecified(answer) == []


def _check_draft(draft: Any, by_reflection: Reflected) -> None:
    assert draft.draft_id
    assert draft.ticket_etag
    if draft.HasField("blocker"):
        assert draft.blocker_text
    else:
        assert draft.text
        assert draft.citations
    for citation in draft.citations:
        passage: Any = by_reflection.call(
            "KnowledgeService", "GetPassage", passage_id=citation.passage_id
        )
        assert citation.quote
        assert citation.quote in passage.passage.text


def test_without_a_key_no_call_is_answered(
    sidecar: SidecarProcess, by_reflection: Reflected
) -> None:
    """The five calls need a key."""
    stranger = Reflected(sidecar.address, "")
    stranger.pool = by_reflection.pool
    ticket = inline(TICKETS[0])
    for method in ("Classify", "Retrieve", "DraftReply", "Summarize", "Escalate"):
        with pytest.raises(grpc.RpcError) as refused:
            stranger.call("AssistService", method, ticket=ticket)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_another_workspace_does_not_see_the_ticket(
    sidecar: SidecarProcess, by_reflection: Reflected
) -> None:
    """A ticket of another workspace is not there, whatever is asked of it."""
    ticket = inline(TICKETS[1])
    ours: Any = by_reflection.call("AssistService", "Classify", ticket=ticket)
    neighbour = Reflected(sidecar.address, sidecar.key_of_workspace("neighbour"))
    for method in ("Classify", "Retrieve", "DraftReply", "Summarize", "Escalate"):
        extra = {"level": 1} if method == "Escalate" else {}
        with pytest.raises(grpc.RpcError) as refused:
            neighbour.call("AssistService", method, ticket_id=ours.ticket_id, **extra)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    nothing: Any = neighbour.call("AssistService", "Retrieve", query="refund")
    assert not nothing.passages
