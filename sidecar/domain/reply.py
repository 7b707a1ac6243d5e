"""Drafts of replies: sentences tied to sources, outcomes and blockers, templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sidecar.domain.knowledge import Visibility


class Purpose(Enum):
    """What the reply is for."""

    INITIAL_RESPONSE = "initial_response"
    STATUS_UPDATE = "status_update"
    CLARIFICATION = "clarification"
    ESCALATION = "escalation"
    RESOLUTION = "resolution"


class Tone(Enum):
    """How the reply should sound."""

    FRIENDLY = "friendly"
    FORMAL = "formal"
    EMPATHETIC = "empathetic"
    CONCISE = "concise"


class Outcome(Enum):
    """What an agent can do with the draft."""

    READY = "ready"
    SUGGESTED = "suggested"
    NEEDS_HUMAN = "needs_human"


class Blocker(Enum):
    """Why a human is needed."""

    NONE = "none"
    KNOWLEDGE_MISSING = "knowledge_missing"
    CUSTOMER_INFORMATION_MISSING = "customer_information_missing"
    SOURCES_CONTRADICT = "sources_contradict"
    UNSAFE_CONTENT = "unsafe_content"
    BUDGET_EXHAUSTED = "budget_exhausted"
    THREAD_CHANGED = "thread_changed"


class Warning(Enum):
    """What an agent should know before sending."""

    STALE_SOURCE = "stale_source"
    SOURCES_CONTRADICT = "sources_contradict"
    LANGUAGE_UNSUPPORTED = "language_unsupported"
    SOURCE_LANGUAGE_DIFFERS = "source_language_differs"
    THREAD_TRUNCATED = "thread_truncated"
    DEGRADED = "degraded"
    INJECTION_SUSPECTED = "injection_suspected"
    EMBEDDER_MISSING = "embedder_missing"
    CUSTOMER_ANGRY = "customer_angry"
    INTERNAL_SOURCE_EXISTS = "internal_source_exists"
    SENTENCE_DROPPED = "sentence_dropped"
    BUDGET_EXHAUSTED = "budget_exhausted"


@dataclass(frozen=True, slots=True)
class Citation:
    """What a sentence rests on: ``quote`` is literally part of the passage's text."""

    marker: int
    passage_id: str
    document_id: str
    title: str
    url: str
    quote: str
    visibility: Visibility = Visibility.PUBLIC


class SentenceRole(Enum):
    """What a sentence does in the reply; only facts need a source."""

    GREETING = "greeting"
    ACKNOWLEDGEMENT = "acknowledgement"
    FACT = "fact"
    QUESTION = "question"
    NEXT_STEP = "next_step"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a draft with the markers of its citations.

    ``starts_paragraph`` and ``list_item`` are layout: a list item stands on its own
    line.
    """

    text: str
    role: SentenceRole
    markers: tuple[int, ...] = ()
    starts_paragraph: bool = False
    list_item: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a draft cost: tokens and millionths of a US dollar.

    All zero for the local engine.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros_usd: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A suggested reply to one version (``ticket_etag``) of a ticket.

    ``grounded_share`` is the share 0..1 of factual sentences that carry a citation.
    """

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    outcome: Outcome
    blocker: Blocker
    confidence: float
    grounded_share: float
    warnings: tuple[Warning, ...]
    language: str
    purpose: Purpose
    template_id: str
    engine: str
    model: str
    usage: Usage = field(default_factory=Usage)
    id: str = ""
    ticket_id: str = ""
    ticket_etag: str = ""
    blocker_text: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    tone: Tone = Tone.FRIENDLY


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """The frame of a reply: text with ``{variables}``, chosen by purpose and situation.

    An empty ``category``, ``severity`` or ``language`` fits all. ``body`` holds the
    line ``{steps}`` where the grounded sentences go.
    """

    id: str
    name: str
    purpose: Purpose
    language: str
    body: str
    category: str = ""
    severity: str = ""
    built_in: bool = True


def render(sentences: tuple[Sentence, ...]) -> str:
    """Join sentences into the reply's text.

    Paragraphs by blank lines, list items by lines.
    """
    out = ""
    for index, sentence in enumerate(sentences):
        if index == 0:
            gap = ""
        elif sentence.list_item:
            gap = "\n" if sentences[index - 1].list_item else "\n\n"
        elif sentence.starts_paragraph or sentences[index - 1].list_item:
            gap = "\n\n"
        else:
            gap = " "
        lead = f"{sentence.list_item}. " if sentence.list_item else ""
        out += f"{gap}{lead}{sentence.text}"
    return out
