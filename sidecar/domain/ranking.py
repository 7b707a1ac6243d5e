"""Fusing the legs of a search, and judging whether what was found can answer."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from sidecar.domain.knowledge import Highlight
from sidecar.domain.stems import stems

VECTOR_SHARE = 0.55
STALE_AFTER = timedelta(days=540)
STALE_FACTOR = 0.85
# Cosines of unrelated English sentences under MiniLM scatter below the first bound,
# paraphrases lie above the second: between them the scale is linear.
_COSINE_FLOOR, _COSINE_CEILING = 0.10, 0.75
_COVERED, _LEXICAL, _EARLIER = 0.10, 0.06, 0.08
# A paraphrase keeps about two thirds of the words.
_COVERED_SCALE = 1.5

CODE_FIT = 0.6
"""How well a passage fits at least that explains an error code the question gives.

Meaning cannot tell E-57 from E-14, and a table of codes is far from any story; a code
in both is a match in every language.
"""

_WORD = re.compile(r"\w+")
# E-57, CSV-104, TW-5030; longer numbers are orders and invoices.
_CODE = re.compile(r"\b[a-z]{1,5}-\d{2,4}\b(?!-)", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the lower-case words of ``text`` in order."""
    return _WORD.findall(text.lower())


def error_codes(text: str) -> frozenset[str]:
    """Return the error codes of a text, in capitals."""
    return frozenset(code.upper() for code in _CODE.findall(text))


def fuse(by_vector: Mapping[str, float], by_words: Mapping[str, float]) -> list[str]:
    """Return entry ids best first, by a weighted sum of min-max scaled scores.

    A min-max sum rather than reciprocal ranks: ranks throw away how much better the
    first hit is, which is what decides between a good leg and a poor one. An entry
    that one leg did not find has that leg's lowest score.
    """
    if not by_vector or not by_words:
        only = by_vector or by_words
        return sorted(only, key=lambda entry: (-only[entry], entry))
    vector = _scaled(by_vector)
    lexical = _scaled(by_words)
    total = {
        entry: VECTOR_SHARE * vector.get(entry, 0.0)
        + (1 - VECTOR_SHARE) * lexical.get(entry, 0.0)
        for entry in vector.keys() | lexical.keys()
    }
    return sorted(total, key=lambda entry: (-total[entry], entry))


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    low, high = min(scores.values()), max(scores.values())
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {entry: (score - low) / (high - low) for entry, score in scores.items()}


def closeness(cosine: float) -> float:
    """Map a cosine to 0..1, linear between unrelated (.10) and paraphrase (.75)."""
    span = _COSINE_CEILING - _COSINE_FLOOR
    return min(1.0, max(0.0, (cosine - _COSINE_FLOOR) / span))


class Coverage:
    """How much of a question's words a text has; rare words weigh more.

    A word weighs log(1 + n / df) over the ``texts`` given, as sets of stems: what they
    all share says little.
    """

    def __init__(self, query: str, texts: Sequence[AbstractSet[str]]) -> None:
        self._wanted = stems(query)
        df = Counter(word for text in texts for word in text & self._wanted)
        count = len(texts)
        self._weight = {
            word: math.log1p(count / df[word]) if df[word] else math.log1p(2 * count)
            for word in sorted(self._wanted)
        }
        self._total = sum(self._weight.values())

    def share(self, text: AbstractSet[str]) -> float:
        """Return the share 0..1 of the question's word weight found in a text."""
        if not self._total:
            return 0.0
        weight = self._weight
        return math.fsum(weight[word] for word in self._wanted & text) / self._total


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a passage, each 0..1; ``cosine`` is None without vectors.

    ``covered`` is the share of the question's words found, ``lexical`` the BM25 score
    against the best one's, ``earlier`` the share of earlier turns' words found.
    """

    cosine: float | None
    covered: float
    lexical: float = 0.0
    earlier: float = 0.0
    has_code: bool = False


def fit(signs: Signs) -> float:
    """Return how well a passage fits, 0..1: meaning first, words to tell like ones.

    The weights are one setting for all data sets of docs/quality.md. The cosine is not
    cut off above: .93 against .76 is what tells the right question of an FAQ. Without
    vectors the words alone decide, at most 0.8: they cannot see paraphrases.
    """
    words_found = min(1.0, _COVERED_SCALE * signs.covered)
    if signs.cosine is None:
        found = 0.8 * ((1 - _LEXICAL) * words_found + _LEXICAL * signs.lexical)
    else:
        found = signs.cosine + _COVERED * words_found + _LEXICAL * signs.lexical
        found /= 1 + _COVERED + _LEXICAL
    found += _EARLIER * min(1.0, _COVERED_SCALE * signs.earlier)
    found = min(1.0, max(0.0, found))
    return max(found, CODE_FIT) if signs.has_code else found


def is_stale(
    updated_at: datetime | None, valid_until: datetime | None, now: datetime
) -> bool:
    """Say whether a source has expired or was not touched for 18 months."""
    if valid_until is not None and valid_until < now:
        return True
    return updated_at is not None and now - updated_at > STALE_AFTER


def highlights(
    query: Sequence[str], text: str, most: int = 40
) -> tuple[Highlight, ...]:
    """Return where the query's words of three or more letters stand in ``text``."""
    wanted = {word for word in query if len(word) > 2}
    lowered = text.lower()
    # İ becomes two letters; how Σ ends depends on what follows.
    if len(lowered) != len(text) or "Σ" in text:
        matches = _WORD.finditer(text)
        places = [m.span() for m in matches if m.group().lower() in wanted]
    else:
        places = sorted(place for word in wanted for place in _whole(word, lowered))
    return tuple(Highlight(start, end) for start, end in places[:most])


def _whole(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where ``word`` stands in ``text`` as a whole word."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (_is_letter(text, start - 1) or _is_letter(text, end)):
            yield start, end
        start = text.find(word, end)


def _is_letter(text: str, at: int) -> bool:
    """Say whether a word goes on there."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")
