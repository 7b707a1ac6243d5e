"""Why a provider gave no usable answer, and whether asking again can help."""

from __future__ import annotations

from enum import Enum


class Failure(Enum):
    """A closed list; the value is a label in metrics, logs and the ledger."""

    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER = "server"
    REQUEST = "request"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CUT = "cut"
    MALFORMED = "malformed"
    EMPTY = "empty"
    REFUSED = "refused"
    TOO_LONG = "too_long"
    WRONG_LANGUAGE = "wrong_language"
    REDACTION = "redaction"
    BREAKER_OPEN = "breaker_open"
    NO_TIME = "no_time"
    BUDGET = "budget"
    CANCELLED = "cancelled"


# The provider itself is in trouble, or we with it; the others answered well enough.
COUNTS_AGAINST = frozenset(
    {
        Failure.UNAUTHORIZED,
        Failure.RATE_LIMITED,
        Failure.OVERLOADED,
        Failure.SERVER,
        Failure.UNREACHABLE,
        Failure.TIMEOUT,
        Failure.CUT,
    }
)
# Another try may end differently; a rate limit may be over when it says so.
MAY_REPEAT = frozenset(
    {
        Failure.RATE_LIMITED,
        Failure.OVERLOADED,
        Failure.SERVER,
        Failure.UNREACHABLE,
        Failure.CUT,
        Failure.MALFORMED,
        Failure.EMPTY,
        Failure.WRONG_LANGUAGE,
    }
)
# Refused before a token was worked on, or never sent: such calls are not charged.
FREE_OF_CHARGE = frozenset(
    {
        Failure.UNAUTHORIZED,
        Failure.RATE_LIMITED,
        Failure.OVERLOADED,
        Failure.SERVER,
        Failure.REQUEST,
        Failure.UNREACHABLE,
        Failure.REDACTION,
        Failure.BREAKER_OPEN,
        Failure.NO_TIME,
        Failure.BUDGET,
    }
)


class ProviderFailed(Exception):
    """A provider gave no usable answer; the message holds no text of anybody.

    ``retry_after`` is in seconds, None when the provider did not say.
    """

    def __init__(
        self, why: Failure, retry_after: float | None = None, status: int = 0
    ) -> None:
        super().__init__(why.value)
        self.why = why
        self.retry_after = retry_after
        self.status = status
