"""All guards behind the safety port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sidecar.domain.reply import Citation, Sentence
from sidecar.safety import (
    claims,
    grounding,
    links,
    negation,
    redact,
    support,
    suspicion,
    translated,
)
from sidecar.safety.port import Redacted, Suspicion


class Guards:
    """The deterministic guards, the same for every engine; holds no state."""

    def redact(
        self, text: str, names: Sequence[str] = (), *, proven_only: bool = False
    ) -> Redacted:
        """Replace personal data by placeholders."""
        return redact.redact(text, names, proven_only=proven_only)

    def restore(self, text: str, originals: Mapping[str, str]) -> str:
        """Put back what the placeholders stand for."""
        return redact.restore(text, originals)

    def suspicion(self, text: str) -> Suspicion:
        """Score injected instructions."""
        return suspicion.suspicion(text)

    def sentence_holds(
        self, sentence: Sentence, cited: Sequence[Citation], sources: Sequence[str]
    ) -> bool:
        """Say whether a sentence may be shown."""
        return claims.sentence_holds(sentence, cited, sources)

    def translation_holds(self, text: str, original: str) -> bool:
        """Say whether a sentence can be a translation of another."""
        return translated.translation_holds(text, original)

    def brings_nothing_new(self, text: str, said: Sequence[str]) -> bool:
        """Say whether a text uses the desk's words and ``said`` only."""
        return grounding.brings_nothing_new(text, said)

    def contradicts(self, line: str, said: str) -> bool:
        """Say whether a line affirms what a conversation denies, or the reverse."""
        return negation.contradicts(line, said)

    def support(self, text: str, source: str) -> float:
        """Return how far the source carries the text, 0..1."""
        return support.support(text, source)

    def only_known_links(self, text: str, allowed_urls: Sequence[str]) -> str:
        """Take out links to other addresses."""
        return links.only_known_links(text, allowed_urls)
