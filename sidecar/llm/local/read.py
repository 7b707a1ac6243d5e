"""Reads category, intent, tone, severity and language out of a ticket."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.classification import (
    Reason,
    ReasonCode,
    Sentiment,
    Taxonomy,
)
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import features
from sidecar.llm.local.labels import Query
from sidecar.llm.local.language import UNKNOWN, Detected, LanguageDetector
from sidecar.llm.local.lexicon import LANGUAGES, speaking
from sidecar.llm.local.question import clean_subject, condensed
from sidecar.llm.local.sentiment import Scanned, scan, sentiment_of
from sidecar.llm.local.severity import severity_of
from sidecar.llm.local.taxonomy_model import Read, TaxonomyModel
from sidecar.llm.local.ticket_text import (
    Section,
    message_sections,
    newest_sections,
    newest_turns,
    unsettled_sections,
    whole_text,
)
from sidecar.llm.local.tone import LONGEST, tone_of
from sidecar.llm.local.translate import to_english
from sidecar.llm.local.words import sentences
from sidecar.llm.port import Signals

Vector = NDArray[np.float32]

_KEPT_TAXONOMIES = 16
_TREND_TURNS = 50
_LEAST_TO_DETECT = 15
_OPEN_STILL = frozenset({"contrast", "blocked", "outage"})


class Reader:
    """Reads tickets; compiled taxonomies are kept and shared between threads."""

    def __init__(self, embedder: Embedder, languages: LanguageDetector) -> None:
        self._embedder = embedder
        self._languages = languages
        self._lock = threading.Lock()
        # By identity: the use cases hand out one object a version, and hashing one
        # of 500 labels at each call would cost more than scoring them.
        self._models: OrderedDict[int, tuple[Taxonomy, TaxonomyModel]] = OrderedDict()

    def read(self, ticket: Ticket, taxonomy: Taxonomy) -> Signals:
        """Read one ticket; the text is embedded once."""
        seen: dict[str, Detected] = {}
        detected = self.language(ticket, seen)
        spoken = speaking(detected.language)
        scans = _Scans(spoken)
        short = condensed(ticket, detected.language)
        text = self._in_english(short, detected.language, seen)
        vector = self._embedder.embed([text])[0]
        sentiment, tone_reasons = _tone(ticket, scans, text, vector.astype(np.float64))
        unsettled = unsettled_sections(ticket, scans.settles)
        severity, cue_reasons = severity_of(scans.of(unsettled), sentiment)
        read = self._labels(ticket, taxonomy, text, vector)
        reasons = [*cue_reasons, *tone_reasons, *read.reasons]
        if detected.language not in (UNKNOWN, "en"):
            text = f"The text is written in {detected.language}."
            reasons.append(Reason(ReasonCode.LANGUAGE_DETECTED, text))
        return Signals(
            category=read.category,
            intent=read.intent,
            sentiment=sentiment,
            sentiment_trend=_trend(ticket, scans),
            severity=severity,
            language=detected.language,
            language_confidence=detected.confidence,
            reasons=tuple(reasons),
            intents=read.intents,
        )

    def is_trained(self, taxonomy: Taxonomy) -> bool:
        """Say whether a trained classifier decides; a damaged one does not."""
        return self._model(taxonomy).trained is not None

    def language(
        self, ticket: Ticket, seen: dict[str, Detected] | None = None
    ) -> Detected:
        """Return the customer's language: of the newest turns, else of earlier ones.

        What was found of each text is left in ``seen``.
        """
        newest = "\n".join(
            section.text
            for message in newest_turns(ticket)
            for section in message_sections(message)
        )
        subject = clean_subject(ticket.subject, LANGUAGES)
        earlier = (
            "\n".join(section.text for section in message_sections(message))
            for message in reversed(ticket.customer_messages[-4:])
        )
        return self._languages.detect_first(
            chain([newest], earlier, [f"{subject}. {newest}", subject]), seen
        )

    def _labels(
        self, ticket: Ticket, taxonomy: Taxonomy, text: str, vector: Vector
    ) -> Read:
        model = self._model(taxonomy)
        if model.trained is not None:
            return model.read_trained(vector, whole_text(ticket), text)
        query = Query(vector.astype(np.float64), *features(text))
        return model.read(query, text)

    def texts(self, text: str) -> tuple[str, str]:
        """Return a text as ``read`` sees it: what is embedded, what goes by words."""
        message = Message("text", Author(AuthorRole.CUSTOMER), text)
        ticket = Ticket("text", "", messages=(message,))
        seen: dict[str, Detected] = {}
        language = self.language(ticket, seen).language
        short = self._in_english(condensed(ticket, language), language, seen)
        return short, whole_text(ticket)

    def _in_english(self, text: str, language: str, seen: dict[str, Detected]) -> str:
        """Gloss sentence by sentence: people mix languages in one message.

        A mail of one sentence is the text whose language is known: it is in ``seen``.
        """
        parts = []
        for piece in sentences(text):
            spoken = language
            if len(piece.text) >= _LEAST_TO_DETECT:
                found = seen.get(piece.text) or self._languages.detect(piece.text)
                spoken = found.language if found.language in LANGUAGES else language
            parts.append(to_english(piece.text, spoken))
        return " ".join(parts)

    def _model(self, taxonomy: Taxonomy) -> TaxonomyModel:
        with self._lock:
            if (found := self._models.get(id(taxonomy))) is not None:
                self._models.move_to_end(id(taxonomy))
                return found[1]
            for known, model in self._models.values():
                if known == taxonomy:
                    return model
            # Built under the lock: two threads building the same would cost double.
            model = TaxonomyModel(taxonomy, self._embedder)
            self._models[id(taxonomy)] = (taxonomy, model)
            if len(self._models) > _KEPT_TAXONOMIES:
                self._models.popitem(last=False)
            return model


class _Scans:
    """The scans of one read: several judgements look at the same turns."""

    def __init__(self, spoken: tuple[str, ...]) -> None:
        self._spoken = spoken
        self.english = spoken == ("en",)
        self._done: dict[Section, Scanned] = {}

    def of(self, sections: Iterable[Section]) -> tuple[Scanned, ...]:
        """Return the scans of these sections, each made once."""
        return tuple(self._one(section) for section in sections)

    def settles(self, message: Message) -> bool:
        """Say whether a customer's turn says that the matter is solved."""
        scanned = self.of(message_sections(message))
        kinds = {hit.kind for one in scanned for hit in one.hits}
        return "confirmed" in kinds and not kinds & _OPEN_STILL

    def _one(self, section: Section) -> Scanned:
        if (found := self._done.get(section)) is None:
            found = self._done[section] = scan(section, self._spoken)
        return found


def _tone(
    ticket: Ticket, scans: _Scans, text: str, vector: NDArray[np.float64]
) -> tuple[Sentiment, tuple[Reason, ...]]:
    """Return the tone of the newest turns; ``text`` is what ``vector`` stands for.

    "Nobody has written" after a furious mail is no milder than that mail.
    """
    # Of a longer thread the vector stands for more than the newest turns.
    alone = len(ticket.customer_messages) == 1
    short = alone and scans.english and len(text.split()) <= LONGEST
    tone, reasons = tone_of(
        scans.of(newest_sections(ticket)), text, vector, short=short
    )
    newest = newest_turns(ticket)
    earlier = [m for m in ticket.customer_messages if m not in newest]
    if tone is not Sentiment.NEGATIVE or not earlier or scans.settles(earlier[-1]):
        return tone, reasons
    before, words = sentiment_of(scans.of(message_sections(earlier[-1])))
    if before is not Sentiment.ANGRY:
        return tone, reasons
    return before, (*words[:2], *reasons[:1])


def _trend(ticket: Ticket, scans: _Scans) -> tuple[Sentiment, ...]:
    """Return the tone of each customer turn, oldest first, at most the last 50."""
    messages = ticket.customer_messages[-_TREND_TURNS:]
    return tuple(sentiment_of(scans.of(message_sections(m)))[0] for m in messages)
