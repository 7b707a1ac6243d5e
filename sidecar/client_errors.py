"""What went wrong with a call, as the caller of ``sidecar.client`` sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Iterable

_DETAILS = "grpc-status-details-bin"
_REQUEST_ID = "x-request-id"


@dataclass(frozen=True, slots=True)
class Violation:
    """One field the sidecar refused: its path in the request and why."""

    field: str
    description: str


class SidecarError(Exception):
    """A refused or failed call.

    ``reason`` is the machine-readable word of the error catalogue ('' when the call
    never reached the sidecar); ``retry_after`` is in seconds, None when unknown.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        message: str,
        *,
        retry_after: float | None = None,
        violations: tuple[Violation, ...] = (),
        request_id: str = "",
    ) -> None:
        super().__init__(f"{reason or code.name}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.violations = violations
        self.request_id = request_id

    @property
    def is_unreachable(self) -> bool:
        """Say whether the sidecar itself never answered."""
        return not self.reason and self.code in (
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.DEADLINE_EXCEEDED,
        )


def from_rpc_error(error: grpc.RpcError, request_id: str = "") -> SidecarError:
    """Read the status, its google.rpc details and the request id out of ``error``."""
    call: Any = error  # every RpcError raised by a stub is a grpc.Call as well
    if not hasattr(call, "trailing_metadata"):
        return SidecarError(
            grpc.StatusCode.UNKNOWN, "", str(error), request_id=request_id
        )
    trailers = _as_dict(call.trailing_metadata() or ())
    result = SidecarError(
        call.code() or grpc.StatusCode.UNKNOWN,
        "",
        call.details() or "",
        request_id=str(trailers.get(_REQUEST_ID, request_id)),
    )
    packed = trailers.get(_DETAILS)
    if isinstance(packed, bytes):
        _read_details(packed, result)
    return result


def _as_dict(metadata: Iterable[tuple[str, str | bytes]]) -> dict[str, str | bytes]:
    return dict(metadata)


def _read_details(packed: bytes, error: SidecarError) -> None:
    # Imported here: a client that meets no error needs none of it.
    from google.protobuf.message import DecodeError
    from google.rpc import (
        error_details_pb2,
        status_pb2,
    )

    status = status_pb2.Status()
    try:
        status.ParseFromString(packed)
    except DecodeError:
        return  # a proxy's own words; code and message say enough
    info = error_details_pb2.ErrorInfo()
    retry = error_details_pb2.RetryInfo()
    bad = error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Unpack(info):
            error.reason = info.reason
            error.request_id = info.metadata.get("request_id", error.request_id)
        elif detail.Unpack(retry):
            error.retry_after = retry.retry_delay.ToTimedelta().total_seconds()
        elif detail.Unpack(bad):
            error.violations = tuple(
                Violation(item.field, item.description) for item in bad.field_violations
            )
    error.args = (f"{error.reason or error.code.name}: {error.message}",)
