"""What an operator reads when a command that opens the store itself fails."""

from __future__ import annotations

from sidecar.errors import DesksideError, MendRequest, Misconfigured, NotAvailable


def describe_failure(error: Exception) -> list[str]:
    """Return lines for people; the operator may read private detail."""
    if isinstance(error, Misconfigured):
        return [f"Error: {line}" for line in str(error).splitlines()]
    if isinstance(error, NotAvailable):
        return [f"Error: {error.explanation}"]
    if isinstance(error, MendRequest) and error.violations:
        return [f"Error: {v.field}: {v.description}" for v in error.violations]
    if isinstance(error, DesksideError):
        detail = f" ({error.detail})" if error.detail else ""
        words = error.reason.value.replace("_", " ").lower()
        return [f"Error: {words}{detail}."]
    return [f"Error: {error}"]
