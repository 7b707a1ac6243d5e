"""The local engine behind the engine port."""

from __future__ import annotations

from sidecar.domain.classification import Taxonomy
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.embedder.port import Embedder
from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.read import Reader
from sidecar.llm.port import Signals

VERSION = "1"


class LocalEngine:
    """Thinks without a model key and without a network; same input, same bytes out."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._languages = LanguageDetector()
        self._reader = Reader(embedder, self._languages)

    @property
    def name(self) -> str:
        """Always ``local``."""
        return "local"

    @property
    def model(self) -> str:
        """The engine's version and the embedder it uses."""
        return f"deskside-local-{VERSION}+{self._embedder.model}"

    def read(
        self, ticket: Ticket, taxonomy: Taxonomy, history: CustomerHistory | None
    ) -> Signals:
        """Read category, intent, tone, severity and language out of the ticket."""
        return self._reader.read(ticket, taxonomy)
