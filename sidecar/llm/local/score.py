"""How well each sentence of the passages answers the question.

The score is ``0.45 meaning + 0.30 words + 0.15 heading + 0.10 rank``: cosine of the
vectors; share of the question's words found in unit and heading, rare words and
those of the subject counting more; cosine of question and heading; the passage's own
score. Without an embedder it is ``0.9 words + 0.1 rank``. An error code that question
and unit share adds 0.25. A row of a table counts only when its key is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from sidecar.domain.knowledge import Passage
from sidecar.domain.ranking import error_codes
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.question import Question
from sidecar.llm.local.tables import asked_for
from sidecar.llm.local.translate import to_english

_MOST_EMBEDDED = 24
_CODE_BONUS = 0.25
_SUBJECT_WEIGHT = 2.0
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit and its score, about 0..1."""

    unit: Unit
    score: float


def score_units(
    question: Question,
    found: Sequence[Unit],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> list[Scored]:
    """Score the units that can stand alone, by meaning only the best by words.

    Embedding is what takes the time: of many units the 24 with the most words in
    common are placed by meaning, the rest by their words alone.
    """
    asked = _stems(question.text, question.language)
    named = error_codes(question.text)
    usable = [u for u in found if _may_answer(u, named, asked)]
    if not usable:
        return []
    rarity = _rarity(usable, passages)
    # What stands in the subject is what it is about.
    for word in _stems(question.subject, question.language) & rarity.keys():
        rarity[word] *= _SUBJECT_WEIGHT
    by_words = [_overlap(asked, _known(u, passages), rarity) for u in usable]
    top = max(p.score for p in passages) or 1.0
    rank = [passages[u.passage].score / top for u in usable]
    bonus = [_CODE_BONUS if named & error_codes(u.text) else 0.0 for u in usable]
    if not embedder.dimensions:
        parts = zip(usable, by_words, rank, bonus, strict=True)
        return [Scored(u, round(0.9 * w + 0.1 * r + b, 6)) for u, w, r, b in parts]
    order = sorted(range(len(usable)), key=lambda i: (-by_words[i] - bonus[i], i))
    kept = sorted(order[:_MOST_EMBEDDED])
    english = to_english(question.text, question.language)
    near = _meanings(english, [usable[i] for i in kept], passages, embedder)
    placed = dict(zip(kept, near, strict=True))
    scored = []
    for i, unit in enumerate(usable):
        meaning, heading = placed.get(i, (0.0, 0.0))
        score = 0.45 * meaning + 0.30 * by_words[i] + 0.15 * heading
        scored.append(Scored(unit, round(score + 0.10 * rank[i] + bonus[i], 4)))
    return scored


def _stems(text: str, language: str) -> set[str]:
    found = {*content_stems(text), *content_stems(to_english(text, language))}
    # Numbers of orders, dates and times meet others by chance only.
    return {w for w in found if not any(c.isdigit() for c in w)}


def _meanings(
    english: str,
    usable: Sequence[Unit],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> list[tuple[float, float]]:
    """Return the cosines of the question to each unit and to each unit's heading."""
    texts = [to_english(u.text, passages[u.passage].language) for u in usable]
    titles = sorted({_title(u, passages) for u in usable})
    vectors = embedder.embed([english, *texts, *titles]).astype(np.float64)
    near = [float(x) for x in vectors[1:] @ vectors[0]]
    of_title = dict(zip(titles, near[len(texts) :], strict=True))
    headings = [of_title[_title(u, passages)] for u in usable]
    return list(zip(near[: len(texts)], headings, strict=True))


def _title(unit: Unit, passages: Sequence[Passage]) -> str:
    passage = passages[unit.passage]
    title = f"{passage.title}: {unit.heading}" if passage.title else unit.heading
    return to_english(title, passage.language)


def _known(unit: Unit, passages: Sequence[Passage]) -> set[str]:
    text = f"{unit.text} {unit.heading}"
    stems = set(content_stems(text))
    return stems | set(content_stems(to_english(text, passages[unit.passage].language)))


def _rarity(usable: Sequence[Unit], passages: Sequence[Passage]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    for unit in usable:
        seen.update(_known(unit, passages))
    return {w: log((1 + len(usable)) / (0.5 + n)) for w, n in seen.items()}


def _overlap(asked: set[str], known: set[str], rarity: dict[str, float]) -> float:
    """Return the share 0..1 of the question's weight that is found; unknown words 0."""
    total = sum(max(rarity.get(w, 0.0), 0.0) for w in asked)
    shared = sum(max(rarity.get(w, 0.0), 0.0) for w in sorted(asked & known))
    return shared / total if total else 0.0


def _may_answer(unit: Unit, named: frozenset[str], asked: set[str]) -> bool:
    if unit.key:
        return asked_for(unit.key, named, asked)
    words = unit.text.split()
    if unit.step:
        return True
    if unit.text.endswith("?") or unit.text.endswith(":"):
        return False
    return len(words) >= _LEAST_WORDS or (unit.is_item and len(words) >= 2)
