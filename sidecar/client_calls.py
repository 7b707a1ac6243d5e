"""What every call of the client gets: bearer, deadline, request id, careful retries.

UNAVAILABLE is retried inside gRPC by the service config. Two things it cannot decide
are retried here, and only where a repeat does no harm (the request carries a
``request_id``, so that it returns the first answer, or the RPC only reads): CANCELLED
that the caller did not cause (a server that stops cancels the calls that arrive in the
same instant), and "still running" after the process that ran it was killed.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from sidecar.client_errors import SidecarError, from_rpc_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Seconds a call may take when its caller names no deadline.
DEFAULT_DEADLINE = 10.0
DEADLINES = {
    "DraftReply": 60.0,
    "StreamDraftReply": 60.0,
    "Summarize": 30.0,
    "AddDocument": 120.0,
    "ExportTicket": 30.0,
    "ReindexDocuments": 30.0,
    "LeaseEvents": 40.0,
    "TestConnector": 15.0,
}
# RPCs with these verbs change nothing (a test compares them with the contract).
# PublishEvent is known again by its source_event_id.
READING = ("Get", "List", "Find", "Retrieve", "PublishEvent")
_REPEATS = 5
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class _Details(grpc.ClientCallDetails):
    method: str
    timeout: float | None
    metadata: tuple[tuple[str, str | bytes], ...]
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class Courtesy(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
):
    """Adds to each call what the sidecar expects, and turns failures into SidecarError.

    ``is_closed`` says whether the channel was closed here, in which case CANCELLED
    is our own doing.
    """

    def __init__(self, bearer: str, is_closed: Callable[[], bool]) -> None:
        self._bearer = bearer
        self._is_closed = is_closed

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Send one request; repeat it while that is safe and there is time."""
        request, once = with_request_id(request)
        details = self._details(client_call_details)
        patience = Patience(details.timeout, safe=once or _only_reads(details))
        while True:
            call = continuation(patience.shorten(details), request)
            if not call.done():
                return call  # a future: its owner may cancel it, so it is left alone
            error = call.exception()
            if not isinstance(error, grpc.RpcError):
                return call
            failure = from_rpc_error(error, _request_id_of(details))
            if self._is_closed() or not patience.pause(failure):
                raise failure from None

    def intercept_unary_stream(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Open a stream of answers; it may be opened anew until the first one came."""
        request, safe = with_request_id(request)
        details = self._details(client_call_details)
        patience = Patience(details.timeout, safe=safe)
        return Answers(
            lambda: continuation(patience.shorten(details), request),
            patience,
            _request_id_of(details),
        )

    def intercept_stream_unary(
        self, continuation: Any, client_call_details: Any, request_iterator: Any
    ) -> Any:
        """Send a stream of requests, once: it cannot be read a second time."""
        details = self._details(client_call_details)
        call = continuation(details, request_iterator)
        if call.done() and isinstance(call.exception(), grpc.RpcError):
            raise from_rpc_error(call.exception(), _request_id_of(details)) from None
        return call

    def _details(self, given: grpc.ClientCallDetails) -> _Details:
        name = given.method.rpartition("/")[2]
        timeout = given.timeout
        metadata = [*(given.metadata or ())]
        names = {key for key, _ in metadata}
        if "authorization" not in names and self._bearer:
            metadata.append(("authorization", f"Bearer {self._bearer}"))
        if "x-request-id" not in names:
            metadata.append(("x-request-id", uuid.uuid4().hex))
        return _Details(
            given.method,
            DEADLINES.get(name, DEFAULT_DEADLINE) if timeout is None else timeout,
            tuple(metadata),
            given.credentials,
            getattr(given, "wait_for_ready", None),
            getattr(given, "compression", None),
        )


class Patience:
    """How long and how often one call may still be repeated."""

    def __init__(self, timeout: float | None, *, safe: bool) -> None:
        self._end = None if timeout is None else time.monotonic() + timeout
        self._safe = safe
        self._left = _REPEATS
        self._next = _FIRST_PAUSE

    def shorten(self, details: _Details) -> _Details:
        """Give the call what is left of its deadline."""
        if self._end is None:
            return details
        return _Details(
            details.method,
            max(self._end - time.monotonic(), 0.001),
            details.metadata,
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )

    def pause(self, failure: SidecarError) -> bool:
        """Wait before a repeat and return True, or return False when there is none."""
        running = failure.reason == "REQUEST_IN_PROGRESS"
        cancelled = failure.code is grpc.StatusCode.CANCELLED
        if not self._safe or not (running or cancelled):
            return False
        if cancelled:
            self._left -= 1
        wait = min(failure.retry_after or self._next, _LONGEST_PAUSE)
        self._next *= 2
        if self._left < 0:
            return False
        if self._end is not None and time.monotonic() + wait >= self._end:
            return False
        time.sleep(wait)
        return True


class Answers:
    """The answers of a streaming call, with failures as ``SidecarError``."""

    def __init__(
        self, start: Callable[[], Any], patience: Patience, request_id: str
    ) -> None:
        self._start = start
        self._patience = patience
        self._request_id = request_id
        self._call = start()
        self._cancelled = False
        self._any = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        while True:
            try:
                answer = next(self._call)
            except grpc.RpcError as error:
                failure = from_rpc_error(error, self._request_id)
                if self._cancelled or self._any or not self._patience.pause(failure):
                    raise failure from None
                self._call = self._start()
            else:
                self._any = True
                return answer

    def cancel(self) -> bool:
        """Stop the call; the sidecar stops working on it."""
        self._cancelled = True
        return bool(self._call.cancel())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


def with_request_id(request: Any) -> tuple[Any, bool]:
    """Return the request with a ``request_id``, and whether it can have one."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name:
        return request, False
    if not request.request_id:
        copy = type(request)()
        copy.CopyFrom(request)
        copy.request_id = uuid.uuid4().hex
        request = copy
    return request, True


def _only_reads(details: _Details) -> bool:
    return details.method.rpartition("/")[2].startswith(READING)


def _request_id_of(details: _Details) -> str:
    return next((str(v) for k, v in details.metadata if k == "x-request-id"), "")
