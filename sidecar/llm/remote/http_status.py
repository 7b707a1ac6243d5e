"""From HTTP's answer to the reason a provider failed, and when to ask again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sidecar.clock import SystemClock
from sidecar.llm.remote.failure import Failure, ProviderFailed

_LONGEST_WAIT = 24 * 3600.0
_OF_TYPE = {
    "rate_limit_error": Failure.RATE_LIMITED,
    "overloaded_error": Failure.OVERLOADED,
    "authentication_error": Failure.UNAUTHORIZED,
    "permission_error": Failure.UNAUTHORIZED,
    "invalid_request_error": Failure.REQUEST,
}


def failed_with(status: int, headers: Mapping[str, str]) -> ProviderFailed:
    """Return the failure an HTTP status stands for; redirects are not followed."""
    return ProviderFailed(_why(status), retry_after(headers), status)


def of_error_type(name: str) -> Failure:
    """Return the failure of an error sent within a stream that began well."""
    return _OF_TYPE.get(name, Failure.SERVER)


def _why(status: int) -> Failure:
    if status in (401, 402, 403):
        return Failure.UNAUTHORIZED
    if status == 429:
        return Failure.RATE_LIMITED
    if status in (503, 529):
        return Failure.OVERLOADED
    if status in (408, 504):
        return Failure.TIMEOUT
    return Failure.SERVER if status >= 500 else Failure.REQUEST


def retry_after(
    headers: Mapping[str, str], now: datetime | None = None
) -> float | None:
    """Return the seconds to wait: ``Retry-After`` in seconds or as a date (RFC 9110).

    None when it is not there or means nothing.
    """
    given = headers.get("retry-after", "").strip()
    if not given:
        return None
    if given.isascii() and given.replace(".", "", 1).isdigit():
        return min(float(given), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    seconds = (at - (now or SystemClock().now())).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT)
