"""What callers ask for, already checked and free of protobuf."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sidecar.domain.classification import Classification
from sidecar.domain.escalation import Escalation
from sidecar.domain.knowledge import RetrievalFilter, SearchMode, Visibility
from sidecar.domain.reply import Citation, Draft, Purpose, Sentence, Tone
from sidecar.domain.summary import SummaryKind
from sidecar.domain.ticket import Ticket
from sidecar.usecases.ports import Target


@dataclass(frozen=True, slots=True)
class RetrieveCommand:
    """A search by free text or for a ticket; stores nothing."""

    query: str = ""
    target: Target = field(default_factory=Target)
    top_k: int = 5
    mode: SearchMode = SearchMode.HYBRID
    where: RetrievalFilter = field(default_factory=RetrievalFilter)


@dataclass(frozen=True, slots=True)
class DraftCommand:
    """A reply to write; an empty ``language`` means the customer's."""

    target: Target
    purpose: Purpose = Purpose.INITIAL_RESPONSE
    tone: Tone | None = None
    language: str = ""
    template_id: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class SummarizeCommand:
    """A conversation to summarise."""

    target: Target
    kind: SummaryKind = SummaryKind.BRIEF


@dataclass(frozen=True, slots=True)
class EscalateCommand:
    """A ticket to escalate by hand; ``level`` 1..3."""

    target: Target
    level: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddDocumentCommand:
    """A file to learn from; ``title`` '' takes the file's own."""

    content: bytes
    file_name: str
    title: str = ""
    source: str = "upload"
    source_url: str = ""
    visibility: Visibility = Visibility.INTERNAL
    language: str = ""
    tags: tuple[str, ...] = ()
    media_type: str = ""
    valid_until: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """The answer to Escalate: the escalation, and whether it is a new one."""

    escalation: Escalation
    created: bool


@dataclass(frozen=True, slots=True)
class Classified:
    """The answer to Classify.

    The decision, the ticket as stored, an escalation if raised.
    """

    classification: Classification
    ticket: Ticket
    escalation: Escalation | None


@dataclass(frozen=True, slots=True)
class DraftProgress:
    """A step reached while drafting.

    ``reading``, ``searching``, ``writing``, ``checking``.
    """

    stage: str


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence that passed the checks, with its citations."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class TicketPanel:
    """Stored facts about a ticket, for the sidebar: no model is asked."""

    ticket: Ticket
    classification: Classification | None
    escalation: Escalation | None
    draft: Draft | None
