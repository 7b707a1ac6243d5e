"""The way into the sidecar for everything that is not the sidecar.

It imports gRPC, protobuf and the contract, nothing else, so that a connector or the
panel stays small. One ``SidecarClient`` holds one channel and may be used from many
threads; ``with_bearer`` gives a light view of it for another caller.
"""

from __future__ import annotations

import io
import ipaddress
import json
import os
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import grpc

from sidecar.client_calls import Courtesy, Patience, with_request_id
from sidecar.client_errors import SidecarError, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sidecar.v1 import (
        access_pb2_grpc,
        assist_pb2_grpc,
        connector_pb2_grpc,
        escalation_pb2_grpc,
        event_pb2_grpc,
        insight_pb2_grpc,
        knowledge_pb2,
        knowledge_pb2_grpc,
        policy_pb2_grpc,
        privacy_pb2_grpc,
        session_pb2_grpc,
        ticket_service_pb2_grpc,
        webhook_pb2_grpc,
    )

__all__ = ["SidecarClient", "SidecarError", "Tls", "Violation"]

CHUNK_BYTES = 64 * 1024
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
DEFAULT_ADDRESS = "127.0.0.1:50051"
_UPLOAD_ATTEMPTS = 5

# A restart of the sidecar shows as UNAVAILABLE for a moment. gRPC itself repeats such
# calls (five attempts are its maximum) and waits for the connection to come back.
SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],
            "waitForReady": True,
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    # The server permits a ping every 30 s; twice that leaves room for jitter.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """How to trust the sidecar and, with mTLS, how to be trusted (PEM bytes).

    ``server_name`` replaces the name checked against the certificate.
    """

    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    server_name: str = ""


class SidecarClient:
    """Typed stubs of every service over one channel; raises ``SidecarError`` only."""

    def __init__(
        self,
        address: str,
        key: str,
        *,
        tls: Tls | None = None,
        options: tuple[tuple[str, int | str], ...] = (),
        _channel: grpc.Channel | None = None,
    ) -> None:
        self.address = address
        self._closed = False
        self._owned = _channel is None
        self._base = _channel or _open(address, tls, CHANNEL_OPTIONS + options)
        self._channel = grpc.intercept_channel(
            self._base, Courtesy(key, lambda: self._closed)
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Build a client from the environment.

        ``DESKSIDE_SIDECAR_ADDRESS`` says where, ``DESKSIDE_API_KEY`` who is calling.
        ``DESKSIDE_TLS_CA`` names the certificate authority to trust;
        ``DESKSIDE_TLS_CLIENT_CERT`` and ``DESKSIDE_TLS_CLIENT_KEY`` this program's
        own certificate. Raises ``ValueError`` that says what to set.
        """
        env = os.environ if environ is None else environ
        address = env.get("DESKSIDE_SIDECAR_ADDRESS") or DEFAULT_ADDRESS
        key = env.get("DESKSIDE_API_KEY", "")
        if not key:
            raise ValueError(
                "DESKSIDE_API_KEY is not set: give it a key of the sidecar"
            )
        tls = _tls_from(env)
        if tls is None and not is_loopback(address) and not _insecure(env):
            raise ValueError(
                f"{address} is not on this machine and DESKSIDE_TLS_CA is not set: "
                "the key would travel unprotected. Set it, or DESKSIDE_INSECURE=1."
            )
        return cls(address, key, tls=tls)

    def with_bearer(self, bearer: str) -> SidecarClient:
        """Return a view of this channel for another caller, such as a session."""
        return SidecarClient(self.address, bearer, _channel=self._base)

    def close(self) -> None:
        """Close the channel; calls under way fail. Views leave it open."""
        self._closed = True
        if self._owned:
            self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_until_serving(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds until the sidecar is live; say if it is."""
        from grpc_health.v1 import health_pb2

        check = self._base.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                answer = check(health_pb2.HealthCheckRequest(), timeout=left)
            except grpc.RpcError:
                continue  # it waits for the connection itself, until ``left`` is over
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return True
            time.sleep(0.02)
        return False

    def upload(
        self,
        source: bytes | BinaryIO,
        header: knowledge_pb2.AddDocumentHeader,
        timeout: float = 120.0,
    ) -> knowledge_pb2.AddDocumentResponse:
        """Send a document in chunks; start anew when the sidecar restarts meanwhile.

        A file object must be seekable; it is read from where it stands.
        """
        header, _ = with_request_id(header)
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        start = stream.tell()
        patience = Patience(timeout, safe=True)
        end = time.monotonic() + timeout
        for attempt in range(1, _UPLOAD_ATTEMPTS + 1):
            stream.seek(start)
            left = max(end - time.monotonic(), 0.001)
            try:
                return self.knowledge.AddDocument(_parts(header, stream), timeout=left)
            except SidecarError as error:
                lost = error.code is grpc.StatusCode.UNAVAILABLE
                if attempt == _UPLOAD_ATTEMPTS or self._closed:
                    raise
                if not lost and not patience.pause(error):
                    raise
        raise AssertionError  # the loop returns or raises

    @cached_property
    def assist(self) -> assist_pb2_grpc.AssistServiceStub:
        """Classify, Retrieve, DraftReply, StreamDraftReply, Summarize, Escalate."""
        from sidecar.v1 import assist_pb2_grpc

        return assist_pb2_grpc.AssistServiceStub(self._channel)

    @cached_property
    def tickets(self) -> ticket_service_pb2_grpc.TicketServiceStub:
        """Tickets, their history and what agents say about suggestions."""
        from sidecar.v1 import ticket_service_pb2_grpc

        return ticket_service_pb2_grpc.TicketServiceStub(self._channel)

    @cached_property
    def knowledge(self) -> knowledge_pb2_grpc.KnowledgeServiceStub:
        """Documents and passages."""
        from sidecar.v1 import knowledge_pb2_grpc

        return knowledge_pb2_grpc.KnowledgeServiceStub(self._channel)

    @cached_property
    def escalations(self) -> escalation_pb2_grpc.EscalationServiceStub:
        """Escalations and their states."""
        from sidecar.v1 import escalation_pb2_grpc

        return escalation_pb2_grpc.EscalationServiceStub(self._channel)

    @cached_property
    def events(self) -> event_pb2_grpc.EventServiceStub:
        """Events in and out."""
        from sidecar.v1 import event_pb2_grpc

        return event_pb2_grpc.EventServiceStub(self._channel)

    @cached_property
    def connectors(self) -> connector_pb2_grpc.ConnectorServiceStub:
        """Connector settings, tests and status."""
        from sidecar.v1 import connector_pb2_grpc

        return connector_pb2_grpc.ConnectorServiceStub(self._channel)

    @cached_property
    def sessions(self) -> session_pb2_grpc.SessionServiceStub:
        """Sessions of people."""
        from sidecar.v1 import session_pb2_grpc

        return session_pb2_grpc.SessionServiceStub(self._channel)

    @cached_property
    def policies(self) -> policy_pb2_grpc.PolicyServiceStub:
        """Taxonomy, rules, templates, flags, budgets."""
        from sidecar.v1 import policy_pb2_grpc

        return policy_pb2_grpc.PolicyServiceStub(self._channel)

    @cached_property
    def webhooks(self) -> webhook_pb2_grpc.WebhookServiceStub:
        """Outbound webhook endpoints."""
        from sidecar.v1 import webhook_pb2_grpc

        return webhook_pb2_grpc.WebhookServiceStub(self._channel)

    @cached_property
    def access(self) -> access_pb2_grpc.AccessServiceStub:
        """API keys, members and the audit log."""
        from sidecar.v1 import access_pb2_grpc

        return access_pb2_grpc.AccessServiceStub(self._channel)

    @cached_property
    def insight(self) -> insight_pb2_grpc.InsightServiceStub:
        """Status, jobs and analytics."""
        from sidecar.v1 import insight_pb2_grpc

        return insight_pb2_grpc.InsightServiceStub(self._channel)

    @cached_property
    def privacy(self) -> privacy_pb2_grpc.PrivacyServiceStub:
        """Export and erasure of a customer."""
        from sidecar.v1 import privacy_pb2_grpc

        return privacy_pb2_grpc.PrivacyServiceStub(self._channel)


def is_loopback(address: str) -> bool:
    """Say whether ``host:port`` or ``unix:path`` never leaves this machine."""
    if address.startswith("unix:"):
        return True
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _open(
    address: str, tls: Tls | None, options: tuple[tuple[str, int | str], ...]
) -> grpc.Channel:
    if tls is None:
        return grpc.insecure_channel(address, options=options)
    if tls.server_name:
        options = (*options, ("grpc.ssl_target_name_override", tls.server_name))
    credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
    return grpc.secure_channel(address, credentials, options=options)


def _tls_from(env: Mapping[str, str]) -> Tls | None:
    ca = _read(env, "DESKSIDE_TLS_CA")
    certificate = _read(env, "DESKSIDE_TLS_CLIENT_CERT")
    key = _read(env, "DESKSIDE_TLS_CLIENT_KEY")
    if ca is None and certificate is None:
        return None
    return Tls(ca, certificate, key)


def _read(env: Mapping[str, str], name: str) -> bytes | None:
    path = env.get(name)
    if not path:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{name} names {path}, which cannot be read") from error


def _insecure(env: Mapping[str, str]) -> bool:
    return env.get("DESKSIDE_INSECURE") == "1"


def _parts(
    header: knowledge_pb2.AddDocumentHeader, stream: BinaryIO
) -> Iterator[knowledge_pb2.AddDocumentRequest]:
    from sidecar.v1 import knowledge_pb2

    yield knowledge_pb2.AddDocumentRequest(header=header)
    while chunk := stream.read(CHUNK_BYTES):
        yield knowledge_pb2.AddDocumentRequest(chunk=chunk)
