"""Every RPC with every role, over real gRPC, against the table."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from sidecar.domain.access import Role
from sidecar.domain.permissions import PERMISSIONS
from sidecar.rpc.contract import RPCS
from tests.contract.rpc.conftest import Running

_REFUSED = (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize("role", Role, ids=lambda role: str(role.value))
def test_a_role_may_call_what_the_table_says(running: Running, role: Role) -> None:
    """Everything else is PERMISSION_DENIED, before the request is looked at."""
    wrong = []
    metadata = (("authorization", f"Bearer {running.keys[role.value]}"),)
    with grpc.insecure_channel(running.address) as channel:
        for path in RPCS:
            if path.endswith(("/RevokeSession", "/RefreshSession")):
                continue  # these are about the session itself, and a key has none
            code = _code(channel, path, metadata)
            allowed = role in PERMISSIONS[path]
            if allowed == (code in _REFUSED):
                wrong.append((path, code))
    assert wrong == []


@pytest.mark.parametrize("path", sorted(RPCS))
def test_no_rpc_answers_without_a_key(running: Running, path: str) -> None:
    """A method that forgot to ask would show here."""
    with grpc.insecure_channel(running.address) as channel:
        assert _code(channel, path, ()) is grpc.StatusCode.UNAUTHENTICATED


def _code(
    channel: grpc.Channel, path: str, metadata: tuple[tuple[str, str], ...]
) -> grpc.StatusCode:
    method: Any = channel.stream_stream(path)
    call = method(iter([b""]), metadata=metadata, timeout=10)
    try:
        list(call)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK
