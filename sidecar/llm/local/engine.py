"""The local engine behind the engine port."""

from __future__ import annotations

from collections.abc import Iterator

from sidecar.domain.classification import Taxonomy
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.summary import Summary, SummaryKind
from sidecar.domain.ticket import (
    Author,
    AuthorRole,
    CustomerHistory,
    Message,
    Ticket,
)
from sidecar.embedder.port import Embedder
from sidecar.llm.local.compose import Composer
from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.read import Reader
from sidecar.llm.local.summarize import Summarizer
from sidecar.llm.port import (
    Asked,
    ComposedEnd,
    ComposedSentence,
    DraftTask,
    Signals,
)

VERSION = "1"


class LocalEngine:
    """Thinks without a model key and without a network; same input, same bytes out."""

    def __init__(self, embedder: Embedder, labels: Embedder | None = None) -> None:
        """Use ``embedder`` for everything; ``labels`` may keep the labels' vectors."""
        languages = self._languages = LanguageDetector()
        self._model = f"deskside-local-{VERSION}+{embedder.model}"
        self._reader = Reader(labels or embedder, languages)
        self._composer = Composer(embedder, languages)
        self._summarizer = Summarizer(languages, self._model)

    @property
    def name(self) -> str:
        """Always ``local``."""
        return "local"

    @property
    def model(self) -> str:
        """The engine's version and the embedder it uses."""
        return self._model

    def for_call(self, asked: Asked) -> LocalEngine:  # noqa: ARG002 - always the same
        """Return itself: it is bound to nobody and fast enough for any deadline."""
        return self

    def close(self) -> None:
        """Release nothing: it holds no connections."""

    def warm(self, taxonomy: Taxonomy = DEFAULT_TAXONOMY) -> None:
        """Load and compile what the first read would otherwise wait for (1-2 s)."""
        message = Message("warm", Author(AuthorRole.CUSTOMER), "How do I begin?")
        self._reader.read(Ticket("warm", "warm", messages=(message,)), taxonomy)

    def read(
        self,
        ticket: Ticket,
        taxonomy: Taxonomy,
        history: CustomerHistory | None,  # noqa: ARG002 - counts enter by arithmetic
    ) -> Signals:
        """Read category, intent, tone, severity and language out of the ticket."""
        return self._reader.read(ticket, taxonomy)

    def is_trained(self, taxonomy: Taxonomy) -> bool:
        """Say whether a trained classifier that can be used here reads the labels."""
        return self._reader.is_trained(taxonomy)

    def compose(self, task: DraftTask) -> Iterator[ComposedSentence | ComposedEnd]:
        """Write the reply sentence by sentence; one ``ComposedEnd`` comes last."""
        return self._composer.compose(task)

    def summarize(self, ticket: Ticket, kind: SummaryKind, language: str) -> Summary:
        """Summarise the conversation in its own language ('' means detect it)."""
        return self._summarizer.summarize(ticket, kind, language)

    def language_of(self, text: str) -> str:
        """Return the BCP 47 tag of a text's language, ``und`` when it is not clear."""
        return self._languages.detect(text).language
