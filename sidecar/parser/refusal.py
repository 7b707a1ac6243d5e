"""How a document is refused: one public sentence beside the reason."""

from __future__ import annotations

from sidecar.errors import FieldViolation, MendRequest, Reason


def refused(reason: Reason, sentence: str, detail: str = "") -> MendRequest:
    """Build the refusal of a document; ``sentence`` is public, ``detail`` is not."""
    violation = FieldViolation("content", sentence)
    return MendRequest(reason, (violation,), detail or sentence)


def unreadable(sentence: str, detail: str = "") -> MendRequest:
    """Refuse a document that cannot be read."""
    return refused(Reason.DOCUMENT_UNREADABLE, sentence, detail)
