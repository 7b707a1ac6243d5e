"""Deadlines, cancelling, leaks, overload: what no servicer has to think of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from sidecar.client import SidecarError
from sidecar.rpc.call import Call
from sidecar.rpc.interceptors.admission import Room
from sidecar.rpc.interceptors.deadline import Deadlines
from sidecar.rpc.interceptors.pace import Limits
from sidecar.server import Options
from sidecar.v1 import assist_pb2
from tests.contract.rpc.tiny import (
    CLASSIFY,
    RETRIEVE,
    STREAM,
    UNLIMITED,
    in_threads,
    serving,
)

SECRET = "password=hunter2 jo@customer.example"


def answer(_request: Any, _call: Call) -> assist_pb2.RetrieveResponse:
    return assist_pb2.RetrieveResponse(answerable=True)


def raw(
    address: str, path: str, *, key: str = "admin", data: bytes = b"", **more: Any
) -> Any:
    with grpc.insecure_channel(address) as channel:
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        method: Any = channel.unary_unary(path)
        return method(data, metadata=metadata, **more)


def test_a_call_without_deadline_gets_the_servers() -> None:
    """C01: work that nobody bounded ends at the server's default."""

    def endless(_request: Any, call: Call) -> Any:
        while True:
            call.wanted()
            time.sleep(0.01)

    options = Options(limits=UNLIMITED, deadlines=Deadlines(default=0.3, by_method={}))
    with serving({RETRIEVE: endless}, options) as tiny:
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            raw(tiny.address, RETRIEVE)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert 0.25 < time.monotonic() - began < 20


def test_a_method_that_ignores_its_deadline_is_cut_off() -> None:
    """C01: a caller is not kept waiting by a method that never asks."""
    done = threading.Event()

    def deaf(_request: Any, _call: Call) -> Any:
        done.wait(40)
        return assist_pb2.RetrieveResponse()

    deadlines = Deadlines(default=0.2, by_method={}, grace=0.2)
    options = Options(limits=UNLIMITED, deadlines=deadlines)
    with serving({RETRIEVE: deaf}, options) as tiny:
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            raw(tiny.address, RETRIEVE)
        done.set()
        assert caught.value.code() is grpc.StatusCode.CANCELLED
        assert time.monotonic() - began < 20


def test_a_deadline_that_is_too_short_is_refused_at_once() -> None:
    """A call that cannot be finished in time is not begun."""
    begun = threading.Event()

    def method(_request: Any, _call: Call) -> Any:
        begun.set()
        return assist_pb2.RetrieveResponse()

    options = Options(limits=UNLIMITED, deadlines=Deadlines(least=5.0))
    with serving({RETRIEVE: method}, options) as tiny:
        with pytest.raises(SidecarError) as caught:
            tiny.client().assist.Retrieve(assist_pb2.RetrieveRequest(), timeout=2.0)
        assert caught.value.reason == "DEADLINE_TOO_SHORT"
        assert not begun.is_set()


def test_work_stops_when_the_caller_cancels() -> None:
    """C03: nobody works for nobody, 100 ms after the caller has gone."""
    began, ended = threading.Event(), threading.Event()

    def draft(_request: Any, call: Call) -> Iterator[Any]:
        try:
            began.set()
            while True:
                call.wanted()
                yield assist_pb2.StreamDraftReplyResponse()
                time.sleep(0.01)
        finally:
            ended.set()

    with serving({STREAM: draft}) as tiny:
        stream = tiny.client().assist.StreamDraftReply(
            assist_pb2.StreamDraftReplyRequest()
        )
        next(iter(stream))
        assert began.is_set()
        stream.cancel()
        assert ended.wait(0.1)


@pytest.mark.parametrize("when", ["before", "within"])
def test_no_exception_text_reaches_a_caller(when: str) -> None:
    """An unexpected failure is INTERNAL with an error id, whatever it says."""

    def unary(_request: Any, _call: Call) -> Any:
        raise RuntimeError(SECRET)

    def stream(_request: Any, _call: Call) -> Iterator[Any]:
        if when == "within":
            yield assist_pb2.StreamDraftReplyResponse()
        raise RuntimeError(SECRET)

    with serving({CLASSIFY: unary, STREAM: stream}) as tiny:
        client = tiny.client()
        with pytest.raises(SidecarError) as caught:
            client.assist.Classify(assist_pb2.ClassifyRequest())
        with pytest.raises(SidecarError) as streamed:
            list(client.assist.StreamDraftReply(assist_pb2.StreamDraftReplyRequest()))
        for error in (caught.value, streamed.value):
            assert error.code is grpc.StatusCode.INTERNAL
            assert error.reason == "INTERNAL"
            assert error.request_id
            assert "hunter2" not in str(error)
            assert "Error " in error.message


def test_the_log_has_the_origin_of_a_failure_but_not_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Exception messages may quote customers; type and place are enough to find it."""

    def unary(_request: Any, _call: Call) -> Any:
        raise ValueError(SECRET)

    with serving({CLASSIFY: unary}) as tiny, pytest.raises(SidecarError) as caught:
        tiny.client().assist.Classify(assist_pb2.ClassifyRequest())
    lines = [getattr(record, "fields", {}) for record in caplog.records]
    line = next(fields for fields in lines if fields.get("reason") == "INTERNAL")
    assert line["error"] == "ValueError"
    assert line["error_id"] in caught.value.message
    assert "hunter2" not in caplog.text + str(lines)


def test_an_unknown_method_without_key_is_unauthenticated() -> None:
    """C07: strangers do not learn which methods there are."""
    with serving({RETRIEVE: answer}) as tiny:
        for path in ("/sidecar.v1.AssistService/Nope", "/a.B/C", RETRIEVE):
            with pytest.raises(grpc.RpcError) as caught:
                raw(tiny.address, path, key="")
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.RpcError) as caught:
            raw(tiny.address, "/sidecar.v1.AssistService/Nope")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer " + "x" * 5000],
)
def test_a_bad_bearer_is_unauthenticated(header: str) -> None:
    """Whatever is wrong with the credentials, the code is the same."""
    with (
        serving({RETRIEVE: answer}) as tiny,
        grpc.insecure_channel(tiny.address) as channel,
    ):
        method: Any = channel.unary_unary(RETRIEVE)
        with pytest.raises(grpc.RpcError) as caught:
            method(b"", metadata=(("authorization", header),))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_overload_is_refused_at_once_and_health_goes_on() -> None:
    """C09: at 5× the room, refusals take ≤ 50 ms, carry RetryInfo; health answers."""
    gate = threading.Event()

    def slow(_request: Any, _call: Call) -> Any:
        gate.wait(10)
        return assist_pb2.RetrieveResponse()

    options = Options(limits=UNLIMITED, room=Room(threads=4, queue=4, share=1.0))
    outcomes: list[tuple[float, SidecarError | None]] = []
    with serving({RETRIEVE: slow}, options) as tiny:
        clients = [tiny.client() for _ in range(4)]
        for client in clients:
            assert client.wait_until_serving(2)

        def call(number: int) -> None:
            began = time.monotonic()
            error = None
            try:
                clients[number % 4].assist.Retrieve(assist_pb2.RetrieveRequest())
            except SidecarError as caught:
                error = caught
            outcomes.append((time.monotonic() - began, error))

        first = in_threads(8, call)
        time.sleep(0.3)
        for number in range(32):
            call(number)
        assert clients[0].wait_until_serving(10)
        gate.set()
        for thread in first:
            thread.join()
    refused = [(took, error) for took, error in outcomes if error is not None]
    assert len(refused) == 32
    assert sorted(took for took, _ in refused)[28] <= 0.05
    for _, error in refused:
        assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error.reason == "OVERLOADED"
        assert error.retry_after is not None


def test_one_caller_cannot_take_all_the_room() -> None:
    """C10: a caller that floods fills its share; others still come in."""
    gate = threading.Event()

    def slow(_request: Any, call: Call) -> Any:
        if call.caller.workspace == "w":
            gate.wait(10)
        return assist_pb2.RetrieveResponse()

    options = Options(limits=UNLIMITED, room=Room(threads=8, queue=0, share=0.5))
    with serving({RETRIEVE: slow}, options) as tiny:
        flooding, other = tiny.client(), tiny.client("other")

        refusals: list[str] = []

        def flood(_number: int) -> None:
            try:
                flooding.assist.Retrieve(assist_pb2.RetrieveRequest())
            except SidecarError as error:
                refusals.append(error.reason)

        threads = in_threads(12, flood)
        time.sleep(0.2)
        took = []
        for _ in range(20):
            began = time.monotonic()
            other.assist.Retrieve(assist_pb2.RetrieveRequest())
            took.append(time.monotonic() - began)
        gate.set()
        for thread in threads:
            thread.join()
    assert refusals == ["OVERLOADED"] * 8
    assert max(took) < 0.2


def test_calls_above_the_limit_are_told_when_to_come_back() -> None:
    """The limit is per key and says how long to wait."""
    options = Options(limits=Limits(program=60))
    with serving({RETRIEVE: answer}, options) as tiny:
        client = tiny.client()
        for _ in range(60):
            client.assist.Retrieve(assist_pb2.RetrieveRequest())
        with pytest.raises(SidecarError) as caught:
            client.assist.Retrieve(assist_pb2.RetrieveRequest())
        assert caught.value.reason == "RATE_LIMITED"
        assert 0 < (caught.value.retry_after or 0) <= 1.0
        tiny.client("other").assist.Retrieve(assist_pb2.RetrieveRequest())


def test_a_refused_role_is_written_to_the_audit_log() -> None:
    """Somebody who tries doors leaves a trace."""
    with serving({CLASSIFY: answer}) as tiny:
        with pytest.raises(SidecarError) as caught:
            tiny.client("viewer").assist.Classify(assist_pb2.ClassifyRequest())
        assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED
        assert tiny.audited == [("refused.permission_missing", CLASSIFY)]


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-123", True), ("a b", False), ("x" * 200, False)]
)
def test_a_well_formed_request_id_comes_back(given: str, *, kept: bool) -> None:
    """Callers find their call in our log by the id they chose."""
    with (
        serving({RETRIEVE: answer}) as tiny,
        grpc.insecure_channel(tiny.address) as channel,
    ):
        metadata = (("authorization", "Bearer admin"), ("x-request-id", given))
        method: Any = channel.unary_unary(RETRIEVE)
        _, call = method.with_call(b"", metadata=metadata)
        echoed = dict(call.trailing_metadata())["x-request-id"]
        assert (echoed == given) is kept
        assert echoed


def test_a_caller_that_sends_slowly_without_key_holds_no_thread() -> None:
    """The caller is known before its message is waited for."""
    options = Options(limits=UNLIMITED, room=Room(threads=1, queue=0, share=1.0))
    with (
        serving({RETRIEVE: answer}, options) as tiny,
        grpc.insecure_channel(tiny.address) as channel,
    ):
        silent = threading.Event()

        def never() -> Iterator[bytes]:
            silent.wait(5)
            yield from ()

        method: Any = channel.stream_unary(RETRIEVE)
        call = method.future(never())
        assert isinstance(call.exception(timeout=2), grpc.RpcError)
        assert call.code() is grpc.StatusCode.UNAUTHENTICATED
        silent.set()
