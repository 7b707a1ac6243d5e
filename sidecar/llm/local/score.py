"""How well each sentence of the passages answers the question.

The score is ``0.45 meaning + 0.30 words + 0.15 heading + 0.10 rank``: cosine of the
vectors; share of the question's words found in unit and heading, rare words and
those of the subject counting more; cosine of question and heading; the passage's own
score. Without an embedder it is ``0.9 words + 0.1 rank``. An error code that question
and unit share adds 0.25.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from sidecar.domain.knowledge import Passage
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.question import Question
from sidecar.llm.local.translate import to_english

_MOST_EMBEDDED = 48
_CODE_BONUS = 0.25
_SUBJECT_WEIGHT = 2.0
_LEAST_WORDS = 4
# An error code such as E-57 or CSV-104; longer numbers are orders and invoices.
_CODE = re.compile(r"\b[A-Z]{1,5}-\d{2,4}\b(?!-)")


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
    """Score the units that can stand alone; of many only the best by words."""
    usable = [u for u in found if _stands_alone(u)]
    english = to_english(question.text, question.language)
    asked = _stems(question.text, question.language)
    rarity = _rarity(usable, passages)
    # What stands in the subject is what it is about.
    for word in _stems(question.subject, question.language) & rarity.keys():
        rarity[word] *= _SUBJECT_WEIGHT
    by_words = [_overlap(asked, _known(u, passages), rarity) for u in usable]
    order = sorted(range(len(usable)), key=lambda i: (-by_words[i], i))
    kept = sorted(order[:_MOST_EMBEDDED])
    usable = [usable[i] for i in kept]
    by_words = [by_words[i] for i in kept]
    if not usable:
        return []
    top = max(p.score for p in passages) or 1.0
    rank = [passages[u.passage].score / top for u in usable]
    codes = set(_CODE.findall(question.text))
    bonus = [_CODE_BONUS if codes & set(_CODE.findall(u.text)) else 0.0 for u in usable]
    meaning, headings = _meanings(english, usable, passages, embedder)
    if not embedder.dimensions:
        parts = zip(usable, by_words, rank, bonus, strict=True)
        return [Scored(u, round(0.9 * w + 0.1 * r + b, 6)) for u, w, r, b in parts]
    return [
        Scored(
            u,
            round(
                0.45 * meaning[i]
                + 0.30 * by_words[i]
                + 0.15 * headings[i]
                + 0.10 * rank[i]
                + bonus[i],
                4,
            ),
        )
        for i, u in enumerate(usable)
    ]


def _stems(text: str, language: str) -> set[str]:
    found = {*content_stems(text), *content_stems(to_english(text, language))}
    # Numbers of orders, dates and times meet others by chance only.
    return {w for w in found if not any(c.isdigit() for c in w)}


def _meanings(
    english: str,
    usable: Sequence[Unit],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> tuple[list[float], list[float]]:
    """Return the cosines of the question to each unit and to each unit's heading."""
    texts = [to_english(u.text, passages[u.passage].language) for u in usable]
    titles = sorted({_title(u, passages) for u in usable})
    vectors = embedder.embed([english, *texts, *titles]).astype(np.float64)
    if not embedder.dimensions:
        return [0.0] * len(usable), [0.0] * len(usable)
    near = vectors[1:] @ vectors[0]
    of_title = dict(zip(titles, near[len(texts) :].tolist(), strict=True))
    headings = [float(of_title[_title(u, passages)]) for u in usable]
    return [float(x) for x in near[: len(texts)]], headings


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


def _stands_alone(unit: Unit) -> bool:
    words = unit.text.split()
    if unit.step:
        return True
    if unit.text.endswith("?") or unit.text.endswith(":"):
        return False
    return len(words) >= _LEAST_WORDS or (unit.is_item and len(words) >= 2)
