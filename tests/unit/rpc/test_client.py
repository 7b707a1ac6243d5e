"""What the client does by itself: discovery, trust, errors, request ids, repeats."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from sidecar.client import SidecarClient, is_loopback
from sidecar.client_errors import SidecarError
from sidecar.errors import ReadAgain, Reason, TryAgain
from sidecar.rpc.call import Call
from sidecar.v1 import assist_pb2, knowledge_pb2
from tests.contract.rpc.tiny import CLASSIFY, RETRIEVE, STREAM, serving

UPLOAD = "/sidecar.v1.KnowledgeService/AddDocument"


def test_the_environment_says_where_and_who() -> None:
    """Address with a default, key without one."""
    client = SidecarClient.from_environment({"DESKSIDE_API_KEY": "k"})
    assert client.address == "127.0.0.1:50051"
    client.close()
    with pytest.raises(ValueError, match="DESKSIDE_API_KEY"):
        SidecarClient.from_environment({})


def test_a_key_does_not_travel_unprotected(tmp_path: Path) -> None:
    """Off this machine there must be TLS, or somebody who says it is fine."""
    far = {"DESKSIDE_API_KEY": "k", "DESKSIDE_SIDECAR_ADDRESS": "desk.example:50051"}
    with pytest.raises(ValueError, match="DESKSIDE_TLS_CA"):
        SidecarClient.from_environment(far)
    SidecarClient.from_environment(far | {"DESKSIDE_INSECURE": "1"}).close()
    missing = far | {"DESKSIDE_TLS_CA": str(tmp_path / "none")}
    with pytest.raises(ValueError, match="DESKSIDE_TLS_CA names"):
        SidecarClient.from_environment(missing)


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1:1", True),
        ("localhost:1", True),
        ("[::1]:1", True),
        ("unix:/run/x", True),
        ("0.0.0.0:1", False),
        ("127.0.0.1.evil.example:1", False),
        ("10.0.0.1:1", False),
    ],
)
def test_only_loopback_counts_as_near(address: str, near: bool) -> None:
    """A name that merely begins like loopback is not loopback."""
    assert is_loopback(address) is near


def test_nobody_there_is_told_apart_from_a_refusal() -> None:
    """The command line says how to start the sidecar only when it is not there."""
    with SidecarClient("127.0.0.1:1", "k") as client:
        assert not client.wait_until_serving(0.2)
        with pytest.raises(SidecarError) as caught:
            client.assist.Retrieve(assist_pb2.RetrieveRequest(), timeout=0.2)
        assert caught.value.is_unreachable


def test_one_request_id_is_kept_over_all_repeats() -> None:
    """CANCELLED and "still running" are repeated, with the id of the first try."""
    seen: list[str] = []

    def method(request: assist_pb2.ClassifyRequest, _call: Call) -> Any:
        seen.append(request.request_id)
        if len(seen) == 1:
            raise TryAgain(Reason.CANCELLED_BY_CALLER)
        if len(seen) == 2:
            raise ReadAgain(Reason.REQUEST_IN_PROGRESS)
        return assist_pb2.ClassifyResponse(ticket_id="t")

    with serving({CLASSIFY: method}) as tiny, tiny.client() as client:
        request = assist_pb2.ClassifyRequest()
        assert client.assist.Classify(request).ticket_id == "t"
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert seen[0]
    assert request.request_id == ""


def test_a_request_id_of_the_caller_is_left_alone() -> None:
    """Connectors choose theirs from the event."""
    seen: list[str] = []

    def method(request: assist_pb2.ClassifyRequest, _call: Call) -> Any:
        seen.append(request.request_id)
        return assist_pb2.ClassifyResponse()

    with serving({CLASSIFY: method}) as tiny, tiny.client() as client:
        client.assist.Classify(assist_pb2.ClassifyRequest(request_id="event-7"))
    assert seen == ["event-7"]


def test_repeats_end_with_the_deadline() -> None:
    """A request that never ends its first run does not keep its caller for ever."""

    def method(_request: Any, _call: Call) -> Any:
        raise ReadAgain(Reason.REQUEST_IN_PROGRESS)

    with serving({CLASSIFY: method}) as tiny, tiny.client() as client:
        with pytest.raises(SidecarError) as caught:
            client.assist.Classify(assist_pb2.ClassifyRequest(), timeout=0.5)
        assert caught.value.reason in ("REQUEST_IN_PROGRESS", "DEADLINE_TOO_SHORT")


def test_what_the_caller_cancelled_is_not_repeated() -> None:
    """A stream that was cancelled stays cancelled."""
    opened = 0

    def method(_request: Any, call: Call) -> Iterator[Any]:
        nonlocal opened
        opened += 1
        yield assist_pb2.StreamDraftReplyResponse()
        while True:
            call.wanted()

    with serving({STREAM: method}) as tiny, tiny.client() as client:
        stream = client.assist.StreamDraftReply(assist_pb2.StreamDraftReplyRequest())
        next(stream)
        stream.cancel()
        with pytest.raises(SidecarError) as caught:
            next(stream)
    assert caught.value.code is grpc.StatusCode.CANCELLED
    assert opened == 1


def test_a_view_calls_as_somebody_else_on_the_same_channel() -> None:
    """The panel holds one channel and calls for many people."""
    callers: list[str] = []

    def method(_request: Any, call: Call) -> Any:
        callers.append(call.caller.key_id)
        return assist_pb2.RetrieveResponse()

    with serving({RETRIEVE: method}) as tiny, tiny.client("service") as client:
        view = client.with_bearer("agent")
        view.assist.Retrieve(assist_pb2.RetrieveRequest())
        view.close()
        client.assist.Retrieve(assist_pb2.RetrieveRequest())
    assert callers == ["agent", "service"]


def test_an_upload_goes_in_chunks_and_starts_anew_after_a_loss() -> None:
    """Header first, 64 KiB at a time; after UNAVAILABLE all of it again, same id."""
    content = b"x" * 150_000
    uploads: list[tuple[str, list[int]]] = []

    def method(
        requests: Iterator[knowledge_pb2.AddDocumentRequest], _call: Call
    ) -> Any:
        header = next(requests).header
        uploads.append((header.request_id, [len(part.chunk) for part in requests]))
        if len(uploads) == 1:
            raise TryAgain(Reason.DATABASE_UNAVAILABLE)
        return knowledge_pb2.AddDocumentResponse(unchanged=True)

    with serving({UPLOAD: method}) as tiny, tiny.client() as client:
        header = knowledge_pb2.AddDocumentHeader(file_name="a.md")
        file = io.BytesIO(b"skipped" + content)
        file.seek(7)
        assert client.upload(file, header).unchanged
    assert len(uploads) >= 2
    assert len({request_id for request_id, _ in uploads}) == 1
    assert uploads[-1][1] == [65536, 65536, 18928]
