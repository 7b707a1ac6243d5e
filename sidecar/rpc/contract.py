"""Every RPC of the contract, read from the generated descriptors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from google.protobuf import message_factory

from sidecar.v1 import (
    access_pb2,
    assist_pb2,
    connector_pb2,
    escalation_pb2,
    event_pb2,
    insight_pb2,
    knowledge_pb2,
    policy_pb2,
    privacy_pb2,
    session_pb2,
    ticket_service_pb2,
    webhook_pb2,
)

if TYPE_CHECKING:
    from google.protobuf.message import Message

_FILES = (
    access_pb2,
    assist_pb2,
    connector_pb2,
    escalation_pb2,
    event_pb2,
    insight_pb2,
    knowledge_pb2,
    policy_pb2,
    privacy_pb2,
    session_pb2,
    ticket_service_pb2,
    webhook_pb2,
)


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC: ``path`` is its name on the wire, ``name`` what the code calls it."""

    path: str
    service: str
    name: str
    request: type[Message]
    response: type[Message]
    streams_in: bool
    streams_out: bool


def _read() -> dict[str, Rpc]:
    found = {}
    for file in _FILES:
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                path = f"/{service.full_name}/{method.name}"
                found[path] = Rpc(
                    path,
                    service.full_name,
                    method.name,
                    message_factory.GetMessageClass(method.input_type),
                    message_factory.GetMessageClass(method.output_type),
                    bool(method.client_streaming),
                    bool(method.server_streaming),
                )
    return found


RPCS: dict[str, Rpc] = _read()
SERVICES: tuple[str, ...] = tuple(sorted({rpc.service for rpc in RPCS.values()}))


def python_name(rpc: str) -> str:
    """Return the name of a servicer's method: ``DraftReply`` → ``draft_reply``."""
    out = ""
    for letter in rpc:
        out += f"_{letter.lower()}" if letter.isupper() and out else letter.lower()
    return out
