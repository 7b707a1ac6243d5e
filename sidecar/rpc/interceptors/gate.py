"""The one interceptor: every call of every service goes through it, in one order.

Methods of the contract are registered as streams of bytes whatever their kind, which
is the same on the wire. So the caller is known before its message is waited for and
parsed, and somebody without a key cannot hold a thread by sending slowly.
"""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.message import Message

from sidecar import metrics
from sidecar.errors import DesksideError, NotAvailable, Reason, TryAgain, invalid
from sidecar.rpc.call import Call
from sidecar.rpc.contract import RPCS, Rpc
from sidecar.rpc.interceptors import faults, identity
from sidecar.rpc.interceptors.deadline import Deadlines, Watchdog
from sidecar.rpc.interceptors.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sidecar.domain.access import Principal
    from sidecar.rpc.interceptors.admission import Admission
    from sidecar.rpc.interceptors.pace import Pace

_HEALTH = "/grpc.health.v1.Health/"
_NO_SUCH_METHOD = "This server has no such method; reflection lists those it has."

# (request or iterator of requests, call) → response or iterator of responses
Method = Any


@dataclass(slots=True)
class _Passage:
    """One call's state on its way through the gate."""

    method: str
    context: grpc.ServicerContext
    request_id: str
    started: float = field(default_factory=time.perf_counter)
    caller: Principal | None = None

    def ended(self, code: grpc.StatusCode) -> None:
        known = self.method if self.method in RPCS else metrics.UNKNOWN_METHOD
        metrics.RPC_SECONDS.labels(known, code.name).observe(
            time.perf_counter() - self.started
        )


class Gate(grpc.ServerInterceptor):
    """Lets calls in and maps what comes out.

    ``authenticate`` turns a bearer into a principal or raises ``SignIn``;
    ``audit`` writes (caller, action, target, request id) of refusals to the log that
    administrators read.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        admission: Admission,
        authenticate: Callable[[str], Principal],
        pace: Pace,
        audit: Callable[[Principal, str, str, str], None],
        deadlines: Deadlines | None = None,
        client_names: frozenset[str] = frozenset(),
    ) -> None:
        self._methods = methods
        self._admission = admission
        self._authenticate = authenticate
        self._pace = pace
        self._audit = audit
        self._deadlines = deadlines or Deadlines()
        self._client_names = client_names
        self._watchdog = Watchdog()
        self._handlers: dict[str, Any] = {
            path: self._of_contract(rpc) for path, rpc in RPCS.items()
        }
        self._overloaded = self._refusing(
            lambda: TryAgain(Reason.OVERLOADED, timedelta(milliseconds=200)),
            reserve=True,
        )
        self._unknown = self._refusing(lambda: NotAvailable(_NO_SUCH_METHOD))

    def close(self) -> None:
        """End the threads of the gate."""
        self._watchdog.close()

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Any],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Choose the handler; runs on gRPC's polling thread, so it never waits."""
        path = handler_call_details.method
        if path.startswith(_HEALTH):
            return self._of_health(path, continuation(handler_call_details))
        if not self._admission.admit(handler_call_details.invocation_metadata):
            return self._overloaded
        handler = self._handlers.get(path)
        if handler is None:
            inner = continuation(handler_call_details)
            if inner is None:
                return self._unknown
            handler = self._handlers[path] = self._of_reflection(path, inner)
        return handler

    def _of_contract(self, rpc: Rpc) -> Any:
        method = self._methods.get(rpc.path)
        run = self._answers if rpc.streams_out else self._answer
        make = (
            grpc.stream_stream_rpc_method_handler
            if rpc.streams_out
            else grpc.stream_unary_rpc_method_handler
        )
        return make(
            lambda messages, context: run(rpc, method, messages, context),
            request_deserializer=None,
            response_serializer=rpc.response.SerializeToString,
        )

    def _answer(
        self, rpc: Rpc, method: Method, messages: Iterator[bytes], context: Any
    ) -> Message:
        passage = self._open(rpc.path, context)
        try:
            call = self._enter(passage, rpc)
            response: Message = method(_requests(rpc, messages), call)
        except Exception as error:  # noqa: BLE001 - nothing may leak out
            self._refuse(error, passage)
        self._close(passage)
        return response

    def _answers(
        self, rpc: Rpc, method: Method, messages: Iterator[bytes], context: Any
    ) -> Iterator[Message]:
        passage = self._open(rpc.path, context)
        try:
            call = self._enter(passage, rpc)
            yield from method(_requests(rpc, messages), call)
        except GeneratorExit:
            passage.ended(grpc.StatusCode.CANCELLED)
            raise
        except Exception as error:  # noqa: BLE001 - nothing may leak out
            self._refuse(error, passage)
        self._close(passage)

    def _open(self, path: str, context: Any) -> _Passage:
        metadata = identity.read_metadata(context.invocation_metadata())
        return _Passage(path, context, identity.request_id_of(metadata))

    def _enter(self, passage: _Passage, rpc: Rpc) -> Call:
        """Find out who calls and whether it may; return the call or raise."""
        context = passage.context
        metadata = identity.read_metadata(context.invocation_metadata())
        if self._client_names:
            peer: Any = context.auth_context()
            identity.check_certificate(self._client_names, peer)
        bearer = identity.bearer_of(metadata)
        caller = passage.caller = self._authenticate(bearer)
        if rpc.path in self._handlers:
            identity.check_permission(caller, rpc.path)
        self._pace.check(caller)
        remaining = context.time_remaining()
        seconds = self._deadlines.seconds(rpc.name, remaining)
        deadline = time.monotonic() + seconds
        if remaining is None or seconds < remaining:
            cut = partial(_cut, weakref.WeakMethod(context.cancel))
            self._watchdog.watch(deadline + self._deadlines.grace, cut)
        return Call(
            rpc, passage.request_id, caller, deadline, context.is_active, bearer
        )

    def _close(self, passage: _Passage) -> None:
        # Trailing, not initial: a call whose initial metadata has arrived is not
        # repeated by gRPC when the process dies before the answer.
        passage.context.set_trailing_metadata((("x-request-id", passage.request_id),))
        passage.ended(grpc.StatusCode.OK)

    def _refuse(self, error: BaseException, passage: _Passage) -> None:
        if isinstance(error, grpc.RpcError) or not passage.context.is_active():
            error = TryAgain(Reason.CANCELLED_BY_CALLER)
        refusal = faults.record(
            error, passage.method, passage.request_id, passage.caller
        )
        if passage.caller is not None and refusal.reason in faults.SECURITY:
            self._audit(
                passage.caller,
                f"refused.{refusal.reason.value.lower()}",
                passage.method,
                passage.request_id,
            )
        passage.ended(refusal.code)
        faults.answer(refusal, passage.request_id, passage.context)

    def _of_reflection(self, path: str, inner: Any) -> Any:
        service, _, name = path[1:].rpartition("/")
        rpc = Rpc(path, service, name, Message, Message, True, True)

        def run(messages: Iterator[bytes], context: Any) -> Iterator[Any]:
            passage = self._open(path, context)
            try:
                self._enter(passage, rpc)
                parsed = (inner.request_deserializer(data) for data in messages)
                yield from inner.stream_stream(parsed, context)
            except GeneratorExit:
                raise
            except Exception as error:  # noqa: BLE001 - nothing may leak out
                self._refuse(error, passage)
            self._close(passage)

        return grpc.stream_stream_rpc_method_handler(
            run,
            request_deserializer=None,
            response_serializer=inner.response_serializer,
        )

    def _of_health(self, path: str, inner: Any) -> Any:
        """Answer health on threads of its own, without key, limit or log line."""
        if inner is None or inner.unary_unary is None:
            return inner  # Watch brings its own threads
        if path not in self._handlers:
            check = inner.unary_unary

            def run(request: Any, context: Any) -> Any:
                return check(request, context)

            run.experimental_thread_pool = self._admission.reserve  # type: ignore[attr-defined]  # how grpcio takes a pool
            self._handlers[path] = grpc.unary_unary_rpc_method_handler(
                run, inner.request_deserializer, inner.response_serializer
            )
        return self._handlers[path]

    def _refusing(self, why: Callable[[], DesksideError], reserve: bool = False) -> Any:
        """Build a handler that only refuses; who must sign in is told that first."""
        rpc = Rpc("", "", "", Message, Message, True, False)

        def run(_messages: Iterator[bytes], context: Any) -> bytes:
            passage = self._open(metrics.UNKNOWN_METHOD, context)
            try:
                if not reserve:
                    self._enter(passage, rpc)
                raise why()
            except Exception as error:  # noqa: BLE001 - nothing may leak out
                self._refuse(error, passage)
            return b""

        if reserve:
            run.experimental_thread_pool = self._admission.reserve  # type: ignore[attr-defined]  # how grpcio takes a pool
        return grpc.stream_unary_rpc_method_handler(run)


def _requests(rpc: Rpc, messages: Iterator[bytes]) -> Message | Iterator[Message]:
    """Parse what came: one message, or lazily a stream of them."""
    if rpc.streams_in:
        return (parse(data, rpc.request) for data in messages)
    data = next(messages, None)
    if data is None:
        raise invalid("", "The call carried no request message.")
    return parse(data, rpc.request)


def _cut(cancel: weakref.WeakMethod[Callable[[], Any]]) -> None:
    """Cancel the call unless it is gone."""
    if (method := cancel()) is not None:
        method()
