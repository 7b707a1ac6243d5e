"""A gRPC server that answers the receiver's calls as late as a test wants.

No real sidecar can be told to take 0.6 s for each call. What is published is kept, so
that a test can count it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from sidecar.v1 import connector_pb2, event_pb2, session_pb2

_Answer = Callable[[Any], Any]


class SlowSidecar:
    """Listens on ``address``; ``keys`` are the workspaces by key.

    Each call takes ``seconds``. A key that is not there is refused.
    """

    def __init__(self, keys: dict[str, str], settings: dict[str, str]) -> None:
        self.keys = keys
        self.settings = settings
        self.mode = connector_pb2.CONNECTOR_MODE_SUGGEST
        self.seconds = 0.0
        self.calls: list[str] = []
        self.published: list[event_pb2.Event] = []
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(40))
        for service, answers in self._answers().items():
            handlers = {n: self._handler(n, *found) for n, found in answers.items()}
            self._server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(service, handlers),)
            )
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self) -> None:
        """Stop at once."""
        self._server.stop(0).wait(5)

    def _answers(self) -> dict[str, dict[str, tuple[Any, _Answer]]]:
        connector, event, session = connector_pb2, event_pb2, session_pb2
        return {
            "sidecar.v1.SessionService": {"GetMe": (session.GetMeRequest, self._me)},
            "sidecar.v1.ConnectorService": {
                "GetConnector": (connector.GetConnectorRequest, self._about),
                "GetConnectorCredentials": (
                    connector.GetConnectorCredentialsRequest,
                    self._credentials,
                ),
            },
            "sidecar.v1.EventService": {
                "PublishEvent": (event.PublishEventRequest, self._publish),
            },
        }

    def _handler(
        self, name: str, request_class: Any, answer: _Answer
    ) -> grpc.RpcMethodHandler[Any, Any]:
        def handle(request: Any, context: grpc.ServicerContext) -> Any:
            with self._lock:
                self.calls.append(name)
            time.sleep(self.seconds)
            bearer = dict(context.invocation_metadata()).get("authorization", "")
            key = str(bearer).removeprefix("Bearer ")
            if key not in self.keys:
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "not a key")
            return answer((key, request))

        return grpc.unary_unary_rpc_method_handler(
            handle,
            request_deserializer=request_class.FromString,
            response_serializer=lambda found: found.SerializeToString(),
        )

    def _me(self, given: tuple[str, Any]) -> session_pb2.GetMeResponse:
        return session_pb2.GetMeResponse(workspace_name=self.keys[given[0]])

    def _about(self, _given: tuple[str, Any]) -> connector_pb2.GetConnectorResponse:
        about = connector_pb2.Connector(etag=str(self.settings))
        return connector_pb2.GetConnectorResponse(connector=about)

    def _credentials(
        self, _given: tuple[str, Any]
    ) -> connector_pb2.GetConnectorCredentialsResponse:
        return connector_pb2.GetConnectorCredentialsResponse(
            mode=self.mode, settings=self.settings, etag=str(self.settings)
        )

    def _publish(self, given: tuple[str, Any]) -> event_pb2.PublishEventResponse:
        event = given[1].event
        with self._lock:
            known = {e.source_event_id for e in self.published}
            self.published.append(event)
        return event_pb2.PublishEventResponse(duplicate=event.source_event_id in known)


@contextmanager
def slow_sidecar(keys: dict[str, str], **settings: str) -> Iterator[SlowSidecar]:
    """Lend one that runs."""
    running = SlowSidecar(keys, settings)
    try:
        yield running
    finally:
        running.close()
