"""Passages found for a question, compared with it and with each other."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sidecar.domain.answerable import (
    Evidence,
    answerable_probability,
    lead_of,
    sentences_of,
)
from sidecar.domain.knowledge import Document, StoredPassage
from sidecar.domain.ranking import (
    STALE_FACTOR,
    Coverage,
    Signs,
    error_codes,
    fit,
    is_stale,
)
from sidecar.domain.stems import stems

Found = tuple[StoredPassage, Document]

# The same passages come up again and again; a text is its own key, so none is stale.
_TEXTS_REMEMBERED = 1_024

WORDS_ALONE = 1.25
"""What the fit of words is raised by where no model compares meanings: a passage that
has nearly half of a question's telling words is then as likely to answer as not."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked now, and what the customer wrote in earlier turns."""

    text: str
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A passage of this id fits so well, 0..1, and may be out of date."""

    entry: str
    score: float
    stale: bool


@lru_cache(_TEXTS_REMEMBERED)
def _stems_of(text: str) -> tuple[str, ...]:
    """Return the different stems of a passage or title; a tuple takes least memory."""
    return tuple(stems(text))


class Comparison:
    """The passages found, compared with the question and with each other."""

    def __init__(
        self,
        query: Query,
        legs: tuple[dict[str, float], dict[str, float]],
        found: Mapping[str, Found],
        now: datetime,
    ) -> None:
        self._by_vector, self._by_words = legs
        self.query = query
        self.found = found
        # Of a passage's words only those of the question matter.
        wanted = stems(query.text) | stems(query.earlier)
        self._titles = {
            entry: wanted.intersection(_stems_of(f"{document.title} {passage.heading}"))
            for entry, (passage, document) in found.items()
        }
        self._texts = {
            entry: self._titles[entry] | wanted.intersection(_stems_of(passage.text))
            for entry, (passage, _) in found.items()
        }
        texts = list(self._texts.values())
        self._coverage = Coverage(query.text, texts)
        self._earlier = Coverage(query.earlier, texts)
        self._named = error_codes(query.text)
        self._now = now

    def ranked(self) -> list[Fit]:
        """Return how well each passage fits, best first."""
        floor = min(self._by_vector.values(), default=0.0)
        most = max(self._by_words.values(), default=0.0)
        ranked = []
        for entry, (_, document) in self.found.items():
            signs = Signs(
                self._by_vector.get(entry, floor) if self._by_vector else None,
                self._coverage.share(self._texts[entry]),
                self._by_words.get(entry, 0.0) / most if most > 0 else 0.0,
                self._earlier.share(self._texts[entry]),
                has_code=self._has_code(entry),
            )
            stale = is_stale(document.updated_at, document.valid_until, self._now)
            score = fit(signs) * (STALE_FACTOR if stale else 1.0)
            ranked.append(Fit(entry, round(score, 6), stale))
        return sorted(ranked, key=lambda fits: (-fits.score, fits.entry))

    def confidence(self, best: Fit) -> float:
        """Return how sure it is that the best passage answers, 0..1."""
        if not self._by_vector:
            return round(min(best.score * WORDS_ALONE, 1.0), 6)
        has_code = self._has_code(best.entry)
        found = answerable_probability(self.evidence(best), has_code=has_code)
        return round(found * (STALE_FACTOR if best.stale else 1.0), 6)

    def without(self, documents: AbstractSet[str]) -> Comparison:
        """Return the comparison as it were without these documents."""
        gone = {
            e for e, (_, document) in self.found.items() if document.id in documents
        }
        legs = (
            {e: x for e, x in self._by_vector.items() if e not in gone},
            {e: x for e, x in self._by_words.items() if e not in gone},
        )
        found = {e: one for e, one in self.found.items() if e not in gone}
        return Comparison(self.query, legs, found, self._now)

    def evidence(self, best: Fit) -> Evidence:
        """Return what the best passage shows; only after a search by vectors."""
        cosines = self._by_vector.values()
        cosine = self._by_vector.get(best.entry, min(cosines))
        sentences = sentences_of(self.found[best.entry][0].text)
        share = self._coverage.share
        return Evidence(
            cosine,
            lead_of(cosine, cosines),
            max((share(stems(one)) for one in sentences), default=0.0),
            share(self._titles[best.entry]),
        )

    def _has_code(self, entry: str) -> bool:
        if not self._named:
            return False
        return not self._named.isdisjoint(error_codes(self.found[entry][0].text))
