"""Everything that can go wrong, named by what the caller does next.

``Reason`` is the closed list of machine-readable reasons. Which gRPC status and
which public sentence each one gets stands in ``sidecar/rpc/status.py``; a test
proves that no reason lacks an entry. The ``detail`` of an error is private: it
goes to the log and never to a caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Reason(Enum):
    """Why a call was refused; the value travels as ``ErrorInfo.reason``."""

    # Mend the request.
    FIELD_INVALID = "FIELD_INVALID"
    FIELD_REQUIRED = "FIELD_REQUIRED"
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    PAGE_TOKEN_INVALID = "PAGE_TOKEN_INVALID"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    DOCUMENT_UNREADABLE = "DOCUMENT_UNREADABLE"
    DOCUMENT_TYPE_UNSUPPORTED = "DOCUMENT_TYPE_UNSUPPORTED"
    DOCUMENT_ENCRYPTED = "DOCUMENT_ENCRYPTED"
    DOCUMENT_EMPTY = "DOCUMENT_EMPTY"
    TEMPLATE_INVALID = "TEMPLATE_INVALID"
    # Look elsewhere.
    TICKET_NOT_FOUND = "TICKET_NOT_FOUND"
    DOCUMENT_NOT_FOUND = "DOCUMENT_NOT_FOUND"
    PASSAGE_NOT_FOUND = "PASSAGE_NOT_FOUND"
    DRAFT_NOT_FOUND = "DRAFT_NOT_FOUND"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    ESCALATION_NOT_FOUND = "ESCALATION_NOT_FOUND"
    TEMPLATE_NOT_FOUND = "TEMPLATE_NOT_FOUND"
    QUARANTINED_NOT_FOUND = "QUARANTINED_NOT_FOUND"
    JOB_NOT_FOUND = "JOB_NOT_FOUND"
    KEY_NOT_FOUND = "KEY_NOT_FOUND"
    CLASSIFIER_NOT_FOUND = "CLASSIFIER_NOT_FOUND"
    MEMBER_NOT_FOUND = "MEMBER_NOT_FOUND"
    CONNECTOR_NOT_FOUND = "CONNECTOR_NOT_FOUND"
    CHANGE_NOT_FOUND = "CHANGE_NOT_FOUND"
    # Read again, then repeat.
    ETAG_MISMATCH = "ETAG_MISMATCH"
    REQUEST_IN_PROGRESS = "REQUEST_IN_PROGRESS"
    # Change the state first.
    ESCALATION_CLOSED = "ESCALATION_CLOSED"
    QUARANTINE_DECIDED = "QUARANTINE_DECIDED"
    LEASE_LOST = "LEASE_LOST"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    LAST_ADMIN = "LAST_ADMIN"
    TRAINING_RUNNING = "TRAINING_RUNNING"
    # Say who you are, or ask somebody who may.
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    CREDENTIALS_INVALID = "CREDENTIALS_INVALID"
    CREDENTIALS_EXPIRED = "CREDENTIALS_EXPIRED"
    PERMISSION_MISSING = "PERMISSION_MISSING"
    DEMO_ONLY = "DEMO_ONLY"
    # Wait, then repeat.
    RATE_LIMITED = "RATE_LIMITED"
    OVERLOADED = "OVERLOADED"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    INDEX_UNAVAILABLE = "INDEX_UNAVAILABLE"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    DEADLINE_TOO_SHORT = "DEADLINE_TOO_SHORT"
    CANCELLED_BY_CALLER = "CANCELLED_BY_CALLER"
    MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE"
    # Nothing the caller can do.
    NOT_AVAILABLE_YET = "NOT_AVAILABLE_YET"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field that was refused: its path in the request and why, in public words."""

    field: str
    description: str


class DesksideError(Exception):
    """The root of all expected failures."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason
        self.detail = detail


class MendRequest(DesksideError):
    """The request can never succeed as it is; the caller corrects the named fields."""

    def __init__(
        self,
        reason: Reason,
        violations: tuple[FieldViolation, ...] = (),
        detail: str = "",
    ) -> None:
        super().__init__(reason, detail)
        self.violations = violations


class LookElsewhere(DesksideError):
    """What was asked for does not exist for this caller."""


class ReadAgain(DesksideError):
    """Somebody else was first; the caller reads the new state and decides anew."""


class ChangeStateFirst(DesksideError):
    """The thing exists but is in a state that does not allow this."""


class SignIn(DesksideError):
    """The caller did not say who it is, or its credentials are not good."""


class AskSomebodyElse(DesksideError):
    """The caller is known but may not do this."""


class TryAgain(DesksideError):
    """The same request may succeed later; ``after`` says when, if known."""

    def __init__(
        self, reason: Reason, after: timedelta | None = None, detail: str = ""
    ) -> None:
        super().__init__(reason, detail)
        self.after = after


class NotAvailable(DesksideError):
    """This deployment does not offer it; ``explanation`` is public."""

    def __init__(self, explanation: str) -> None:
        super().__init__(Reason.NOT_AVAILABLE_YET, explanation)
        self.explanation = explanation


class Misconfigured(Exception):
    """A setting is wrong; the message names it and says what to set."""


def invalid(field: str, description: str) -> MendRequest:
    """Build the usual refusal of one field."""
    return MendRequest(
        Reason.FIELD_INVALID, (FieldViolation(field, description),), description
    )
