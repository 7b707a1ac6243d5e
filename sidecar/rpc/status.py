"""The error catalogue: reason → gRPC status and the sentence a caller may read.

Whatever an exception says about itself stays in the log; callers read only what
stands here, plus the names of the fields they have to mend.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import grpc

from sidecar.errors import (
    DesksideError,
    FieldViolation,
    MendRequest,
    NotAvailable,
    Reason,
    TryAgain,
)

DOMAIN = "deskside"
_DETAILS = "grpc-status-details-bin"
_MAX_VIOLATIONS = 20
_Code = grpc.StatusCode


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reason looks like from outside."""

    code: grpc.StatusCode
    sentence: str


CATALOGUE: dict[Reason, Entry] = {
    Reason.FIELD_INVALID: Entry(
        _Code.INVALID_ARGUMENT, "A field of the request is not valid."
    ),
    Reason.FIELD_REQUIRED: Entry(
        _Code.INVALID_ARGUMENT, "A required field of the request is missing."
    ),
    Reason.FIELD_TOO_LONG: Entry(
        _Code.INVALID_ARGUMENT, "A field of the request is longer than allowed."
    ),
    Reason.PAGE_TOKEN_INVALID: Entry(
        _Code.INVALID_ARGUMENT, "The page token does not belong to this list."
    ),
    Reason.REQUEST_ID_REUSED: Entry(
        _Code.INVALID_ARGUMENT,
        "This request_id was used before with another request; take a new one.",
    ),
    Reason.DOCUMENT_TOO_LARGE: Entry(
        _Code.INVALID_ARGUMENT, "The document is larger than 10 MB."
    ),
    Reason.DOCUMENT_UNREADABLE: Entry(
        _Code.INVALID_ARGUMENT, "The document cannot be read; the file may be damaged."
    ),
    Reason.DOCUMENT_TYPE_UNSUPPORTED: Entry(
        _Code.INVALID_ARGUMENT,
        "This type of file is not supported; use PDF, DOCX, TXT, MD or HTML.",
    ),
    Reason.DOCUMENT_ENCRYPTED: Entry(
        _Code.INVALID_ARGUMENT, "The document is protected by a password."
    ),
    Reason.DOCUMENT_EMPTY: Entry(
        _Code.INVALID_ARGUMENT, "The document contains no text."
    ),
    Reason.TEMPLATE_INVALID: Entry(
        _Code.INVALID_ARGUMENT, "The reply template is not valid."
    ),
    Reason.TICKET_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such ticket."),
    Reason.DOCUMENT_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such document."),
    Reason.PASSAGE_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such passage."),
    Reason.DRAFT_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such draft."),
    Reason.CUSTOMER_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such customer."),
    Reason.ESCALATION_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such escalation."),
    Reason.TEMPLATE_NOT_FOUND: Entry(
        _Code.NOT_FOUND, "There is no such reply template."
    ),
    Reason.QUARANTINED_NOT_FOUND: Entry(
        _Code.NOT_FOUND, "Nothing of that identifier is set aside."
    ),
    Reason.JOB_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such job."),
    Reason.CLASSIFIER_NOT_FOUND: Entry(
        _Code.NOT_FOUND, "There is no such version of the classifier."
    ),
    Reason.KEY_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such API key."),
    Reason.MEMBER_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such member."),
    Reason.CONNECTOR_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such connector."),
    Reason.CHANGE_NOT_FOUND: Entry(_Code.NOT_FOUND, "There is no such change."),
    Reason.ETAG_MISMATCH: Entry(
        _Code.ABORTED, "It was changed meanwhile; read it again, then repeat."
    ),
    Reason.REQUEST_IN_PROGRESS: Entry(
        _Code.ABORTED, "The first call with this request_id is still running."
    ),
    Reason.ESCALATION_CLOSED: Entry(
        _Code.FAILED_PRECONDITION, "The escalation is resolved already."
    ),
    Reason.QUARANTINE_DECIDED: Entry(
        _Code.FAILED_PRECONDITION, "Somebody has decided about it already."
    ),
    Reason.LEASE_LOST: Entry(
        _Code.FAILED_PRECONDITION, "The lease ran out and was given to another worker."
    ),
    Reason.TRAINING_RUNNING: Entry(
        _Code.FAILED_PRECONDITION,
        "A training waits or runs already; start another when it is over.",
    ),
    Reason.LAST_ADMIN: Entry(
        _Code.FAILED_PRECONDITION, "Make somebody else an administrator first."
    ),
    Reason.ALREADY_EXISTS: Entry(_Code.ALREADY_EXISTS, "It exists already."),
    Reason.CREDENTIALS_MISSING: Entry(
        _Code.UNAUTHENTICATED,
        "Send a key or session as metadata: authorization: Bearer KEY.",
    ),
    Reason.CREDENTIALS_INVALID: Entry(
        _Code.UNAUTHENTICATED, "The key or session is not valid."
    ),
    Reason.CREDENTIALS_EXPIRED: Entry(
        _Code.UNAUTHENTICATED, "The key or session has expired."
    ),
    Reason.PERMISSION_MISSING: Entry(
        _Code.PERMISSION_DENIED, "Your role does not allow this."
    ),
    Reason.DEMO_ONLY: Entry(
        _Code.PERMISSION_DENIED, "This is only possible in the demo."
    ),
    Reason.RATE_LIMITED: Entry(
        _Code.RESOURCE_EXHAUSTED, "Too many calls with this key; wait a moment."
    ),
    Reason.OVERLOADED: Entry(
        _Code.RESOURCE_EXHAUSTED, "The service is busy; wait a moment."
    ),
    Reason.DATABASE_UNAVAILABLE: Entry(
        _Code.UNAVAILABLE, "The database does not answer; try again."
    ),
    Reason.INDEX_UNAVAILABLE: Entry(
        _Code.UNAVAILABLE, "The search index does not answer; try again."
    ),
    Reason.SHUTTING_DOWN: Entry(
        _Code.UNAVAILABLE, "This process is stopping; try again."
    ),
    Reason.DEADLINE_TOO_SHORT: Entry(
        _Code.DEADLINE_EXCEEDED, "There is not enough time left for this call."
    ),
    Reason.CANCELLED_BY_CALLER: Entry(
        _Code.CANCELLED, "The caller cancelled the call."
    ),
    Reason.MESSAGE_TOO_LARGE: Entry(
        _Code.RESOURCE_EXHAUSTED, "The message is larger than allowed."
    ),
    Reason.NOT_AVAILABLE_YET: Entry(
        _Code.UNIMPLEMENTED, "This call is not available yet."
    ),
    Reason.INTERNAL: Entry(
        _Code.INTERNAL, "Something went wrong on our side; the log has the details."
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failure as it leaves the service.

    ``error_id`` is set for unexpected failures: it is what finds them in the log.
    """

    code: grpc.StatusCode
    reason: Reason
    sentence: str
    violations: tuple[FieldViolation, ...] = ()
    retry_after: timedelta | None = None
    error_id: str = ""


def refusal_of(error: BaseException) -> Refusal:
    """Turn any exception into what the caller may know of it."""
    if not isinstance(error, DesksideError):
        entry = CATALOGUE[Reason.INTERNAL]
        error_id = uuid.uuid4().hex[:12]
        sentence = f"{entry.sentence} Error {error_id}."
        return Refusal(entry.code, Reason.INTERNAL, sentence, error_id=error_id)
    entry = CATALOGUE[error.reason]
    sentence = entry.sentence
    violations: tuple[FieldViolation, ...] = ()
    retry_after = None
    if isinstance(error, NotAvailable):
        sentence = error.explanation
    elif isinstance(error, MendRequest):
        violations = error.violations[:_MAX_VIOLATIONS]
    elif isinstance(error, TryAgain):
        retry_after = error.after
    if error.reason is Reason.REQUEST_IN_PROGRESS and retry_after is None:
        retry_after = timedelta(milliseconds=200)
    return Refusal(entry.code, error.reason, sentence, violations, retry_after)


def trailers_of(refusal: Refusal, request_id: str) -> tuple[tuple[str, bytes], ...]:
    """Pack the refusal as ``google.rpc.Status`` for the trailing metadata."""
    from google.protobuf.any_pb2 import Any
    from google.protobuf.duration_pb2 import Duration
    from google.rpc import error_details_pb2, status_pb2

    metadata = {"request_id": request_id}
    if refusal.error_id:
        metadata["error_id"] = refusal.error_id
    details = [
        error_details_pb2.ErrorInfo(
            reason=refusal.reason.value, domain=DOMAIN, metadata=metadata
        )
    ]
    if refusal.violations:
        details.append(
            error_details_pb2.BadRequest(
                field_violations=[
                    error_details_pb2.BadRequest.FieldViolation(
                        field=v.field, description=v.description
                    )
                    for v in refusal.violations
                ]
            )
        )
    if refusal.retry_after is not None:
        delay = Duration()
        delay.FromTimedelta(refusal.retry_after)
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    status = status_pb2.Status(code=refusal.code.value[0], message=refusal.sentence)
    for detail in details:
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return ((_DETAILS, status.SerializeToString()),)
