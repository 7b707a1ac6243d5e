"""The engine port: classify, compose a reply from passages, summarise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sidecar.domain.classification import (
    Alternative,
    Prediction,
    Reason,
    Sentiment,
    Severity,
    Taxonomy,
)
from sidecar.domain.knowledge import Passage
from sidecar.domain.reply import (
    Blocker,
    Citation,
    Purpose,
    ReplyTemplate,
    Sentence,
    Tone,
    Usage,
    Warning,
)
from sidecar.domain.summary import Summary, SummaryKind
from sidecar.domain.ticket import CustomerHistory, Ticket


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom an engine works and until when.

    ``seconds_left`` counts down to the caller's deadline; ``wanted`` raises when the
    caller has gone. ``local_only`` keeps everything on this machine.
    """

    workspace: str
    seconds_left: Callable[[], float]
    wanted: Callable[[], None]
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Signals:
    """What an engine reads out of a ticket; priority and risk follow by arithmetic.

    ``engine`` and ``model`` say who really read it, '' means the engine that was
    asked; ``degraded`` that another one had to.
    """

    category: Prediction
    intent: Prediction
    sentiment: Sentiment
    sentiment_trend: tuple[Sentiment, ...]
    severity: Severity
    language: str
    language_confidence: float
    reasons: tuple[Reason, ...]
    usage: Usage = field(default_factory=Usage)
    intents: tuple[Alternative, ...] = ()
    engine: str = ""
    model: str = ""
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class DraftTask:
    """What to write: for which ticket, from which passages (best first), and how.

    ``language`` is the BCP 47 tag to answer in. ``instructions`` come from the agent,
    never from the customer. ``answerable`` and ``retrieval_confidence`` (0..1) are the
    retrieval's own judgement.
    """

    ticket: Ticket
    purpose: Purpose
    tone: Tone
    language: str
    sentiment: Sentiment
    severity: Severity
    category: str
    passages: tuple[Passage, ...]
    answerable: bool
    retrieval_confidence: float
    templates: Sequence[ReplyTemplate]
    template_id: str = ""
    instructions: str = ""
    agent_name: str = ""


@dataclass(frozen=True, slots=True)
class ComposedSentence:
    """One sentence with what it rests on; a fact without a citation is dropped.

    ``original`` is the sentence in the language of its source when it is in another:
    it is what can be checked word by word. ``engine`` says who wrote it, '' means the
    engine that was asked.
    """

    sentence: Sentence
    citations: tuple[Citation, ...] = ()
    original: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class StartOver:
    """What was composed so far is void: whoever wrote it failed in the middle."""


@dataclass(frozen=True, slots=True)
class ComposedEnd:
    """What the engine says at the end: blocker, warnings, confidence 0..1, cost.

    ``engine`` and ``model`` say who really wrote, '' means the engine that was asked.
    """

    blocker: Blocker
    blocker_text: str
    warnings: tuple[Warning, ...]
    confidence: float
    template_id: str
    usage: Usage = field(default_factory=Usage)
    engine: str = ""
    model: str = ""


class Engine(Protocol):
    """A thinker: the local deterministic one, or a language model."""

    @property
    def name(self) -> str:
        """``local``, ``openai`` or ``anthropic``."""

    @property
    def model(self) -> str:
        """The model behind it, with version."""

    def read(
        self, ticket: Ticket, taxonomy: Taxonomy, history: CustomerHistory | None
    ) -> Signals:
        """Read category, intent, tone, severity and language out of the ticket."""

    def for_call(self, asked: Asked, /) -> Engine:
        """Return the engine for one call; without it nothing leaves this machine."""

    def compose(
        self, task: DraftTask
    ) -> Iterator[ComposedSentence | StartOver | ComposedEnd]:
        """Write the reply sentence by sentence; exactly one ``ComposedEnd`` comes last.

        ``Citation.marker`` is the passage's position in ``task.passages`` plus one and
        ``Citation.quote`` is literally part of that passage's text.
        """

    def summarize(self, ticket: Ticket, kind: SummaryKind, language: str) -> Summary:
        """Summarise the conversation in the language of the conversation."""

    def language_of(self, text: str) -> str:
        """Return the BCP 47 tag of the language, ``und`` when it is not clear."""

    def close(self) -> None:
        """Release connections."""
