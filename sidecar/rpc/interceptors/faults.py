"""What a failed call says: the catalogue's words to the caller, the rest to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sidecar import logs, metrics
from sidecar.errors import DesksideError, Reason
from sidecar.rpc.status import Refusal, refusal_of, trailers_of

if TYPE_CHECKING:
    from typing import NoReturn

    import grpc

    from sidecar.domain.access import Principal

_LOG = logging.getLogger("sidecar.rpc")

# Refusals that somebody who watches for intruders wants to see.
SECURITY = frozenset(
    {
        Reason.CREDENTIALS_MISSING,
        Reason.CREDENTIALS_INVALID,
        Reason.CREDENTIALS_EXPIRED,
        Reason.PERMISSION_MISSING,
        Reason.DEMO_ONLY,
    }
)


def record(
    error: BaseException, method: str, request_id: str, caller: Principal | None
) -> Refusal:
    """Log and count a failure; return what its caller may know of it."""
    refusal = refusal_of(error)
    metrics.RPC_REFUSED.labels(refusal.reason.value).inc()
    level = logging.INFO
    fields: dict[str, object] = {
        "method": method,
        "request_id": request_id,
        "code": refusal.code.name,
        "reason": refusal.reason.value,
    }
    if caller is not None:
        fields |= {"workspace": caller.workspace, "actor": caller.actor}
    if isinstance(error, DesksideError):
        if error.detail:
            # A detail names what was asked for, and a caller may ask for anything.
            fields["detail"] = logs.without_personal_data(error.detail[:300])
    else:
        level = logging.ERROR
        fields |= {"error_id": refusal.error_id} | logs.describe(error)
    if refusal.reason in SECURITY:
        level = logging.WARNING
    logs.event(_LOG, level, "rpc.refused", **fields)
    return refusal


def answer(
    refusal: Refusal, request_id: str, context: grpc.ServicerContext
) -> NoReturn:
    """End the call with the refusal."""
    context.set_trailing_metadata(
        (("x-request-id", request_id), *trailers_of(refusal, request_id))
    )
    context.abort(refusal.code, refusal.sentence)
