"""What is set aside because it tries to instruct the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

MOST_EXCERPT = 500
"""Characters of the words found that are kept."""


class QuarantineState(Enum):
    """Where something set aside stands."""

    HELD = "held"
    RELEASED = "released"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """Words found in a message of a ticket, or in a document.

    ``id`` is made of the very content: the same words in the same place are the same
    item, changed words another one. ``confidence`` is the finder's, 0..1;
    ``decided_by`` is '' while HELD.
    """

    id: str
    excerpt: str
    confidence: float
    created_at: datetime
    message_id: str = ""
    document_id: str = ""
    ticket_id: str = ""
    state: QuarantineState = QuarantineState.HELD
    decided_by: str = ""
