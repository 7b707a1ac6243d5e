"""Which sentences of the passages answer the customer: scored, then chosen.

A unit's score is ``0.45 meaning + 0.30 words + 0.15 heading + 0.10 rank``: cosine of the
vectors; share of the question's words found in unit and heading, rare words counting
more; cosine of question and heading; the passage's own score. Without an embedder
words weigh ``0.75`` and headings' words ``0.15``.
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

MOST_STEPS = 9
MOST_FACTS = 4
_MOST_EMBEDDED = 48
_LEAST_SCORE = 0.22
_NEAR_BEST = 0.75
_CODE_BONUS = 0.25
_SUBJECT_WEIGHT = 2.0
_ELSEWHERE = 0.88
_SAME_LANGUAGE_SHARE = 0.85
_STEPS_SHARE = 0.7
_MOST_LEAD_SENTENCES = 2
# An error code such as E-57 or CSV-104; longer numbers are orders and invoices.
_CODE = re.compile(r"\b[A-Z]{1,5}-\d{2,4}\b(?!-)")
_LEAST_WORDS = 4
_REFERS_BACK = frozenset(
    [
        "this",
        "that",
        "these",
        "those",
        "it",
        "they",
        "he",
        "she",
        "then",
        "after",
        "afterwards",
        "there",
        "so",
        "but",
        "also",
        "however",
        "dies",
        "diese",
        "dieser",
        "dieses",
        "das",
        "es",
        "sie",
        "dann",
        "danach",
        "dort",
        "aber",
        "auch",
        "ce",
        "cela",
        "cette",
        "ils",
        "elle",
        "puis",
        "ensuite",
        "mais",
        "esto",
        "esta",
        "este",
        "eso",
        "luego",
        "pero",
        "isto",
        "depois",
        "mas",
        "questo",
        "questa",
        "poi",
        "ma",
    ]
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reply will state: steps in their order, and facts; ``best`` is 0..1.

    ``near`` are all units almost as good, to be checked against what is stated.
    """

    steps: tuple[Unit, ...]
    facts: tuple[Unit, ...]
    best: float
    near: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scored:
    unit: Unit
    score: float


def choose(
    question: Question,
    found: Sequence[Unit],
    passages: Sequence[Passage],
    embedder: Embedder,
    target: str,
    most_facts: int = MOST_FACTS,
) -> Chosen:
    """Pick steps and facts for a question; empty when nothing is near enough.

    ``target`` is the reply's language: sources in it are taken unless others answer
    clearly better, and no reply mixes languages.
    """
    scored = _score(question, found, passages, embedder)
    scored = _one_language(scored, passages, target)
    if not scored:
        return Chosen((), (), 0.0)
    best = max(scored, key=lambda s: (s.score, -s.unit.passage, -s.unit.order))
    if best.score < _LEAST_SCORE:
        return Chosen((), (), best.score)
    steps = _steps(best.unit, scored)
    room = min(2, most_facts) if steps else most_facts
    facts = _facts(scored, best.unit, best.score, steps, room)
    near = tuple(s.unit for s in scored if s.score >= best.score * _NEAR_BEST)
    return Chosen(steps, facts, best.score, near)


def _score(
    question: Question,
    found: Sequence[Unit],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> list[_Scored]:
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
        return [_Scored(u, round(0.9 * w + 0.1 * r + b, 6)) for u, w, r, b in parts]
    return [
        _Scored(
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


def _one_language(
    scored: list[_Scored], passages: Sequence[Passage], target: str
) -> list[_Scored]:
    def speaks(one: _Scored) -> str:
        return passages[one.unit.passage].language.split("-")[0] or target

    if not scored:
        return scored
    best = max(scored, key=lambda s: s.score)
    same = [s for s in scored if speaks(s) == target]
    if same and max(s.score for s in same) >= _SAME_LANGUAGE_SHARE * best.score:
        return same
    return [s for s in scored if speaks(s) == speaks(best)]


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


def _steps(best: Unit, scored: Sequence[_Scored]) -> tuple[Unit, ...]:
    """Return the numbered steps of the best unit's section, if it has any."""
    inside = [
        s.unit
        for s in scored
        if (s.unit.passage, s.unit.section) == (best.passage, best.section)
        and s.unit.step
    ]
    inside.sort(key=lambda u: u.order)
    numbers = [u.step for u in inside]
    top = max((s.score for s in scored if s.unit in inside), default=0.0)
    if top < _STEPS_SHARE * max(s.score for s in scored):
        return ()
    # A list cut in two by the passage's border would start in the middle.
    if len(inside) < 2 or numbers[0] != 1 or numbers != sorted(set(numbers)):
        return (best,) if best.step and not inside else ()
    return tuple(inside[:MOST_STEPS])


def _facts(
    scored: Sequence[_Scored],
    best: Unit,
    score: float,
    steps: tuple[Unit, ...],
    room: int,
) -> tuple[Unit, ...]:
    """Return the best sentences, each behind those that lead up to it."""
    by_place = {(s.unit.passage, s.unit.order): s.unit for s in scored}
    chosen: list[Unit] = []
    for candidate in sorted(
        scored, key=lambda s: (-s.score, s.unit.passage, s.unit.order)
    ):
        unit = candidate.unit
        home = (unit.passage, unit.section) == (best.passage, best.section)
        least = max(_LEAST_SCORE, score * (_NEAR_BEST if home else _ELSEWHERE))
        if candidate.score < least or unit.step or unit in chosen:
            continue
        if any(_same(unit, other) for other in (*chosen, *steps)):
            continue
        group = [u for u in _lead(unit, by_place) if u not in chosen]
        if len(chosen) + len(group) <= room:
            chosen += group
    first = best.passage
    chosen.sort(key=lambda u: (u.passage != first, u.passage, u.order))
    return tuple(chosen)


def _lead(unit: Unit, by_place: dict[tuple[int, int], Unit]) -> list[Unit]:
    """Return a sentence with the ones before it in its paragraph, at most two.

    "Say so in a ticket" is no answer without what "so" is.
    """
    group = [unit]
    while group[0].after and len(group) <= _MOST_LEAD_SENTENCES:
        before = by_place.get((unit.passage, group[0].order - 1))
        if before is None:
            break
        group.insert(0, before)
    return [] if group[0].after or _refers_back(group[0]) else group


def _refers_back(unit: Unit) -> bool:
    words = unit.text.split()
    return words[0].lower().strip(",.'’") in _REFERS_BACK or unit.text[0].islower()


def _same(one: Unit, other: Unit) -> bool:
    a, b = set(content_stems(one.text)), set(content_stems(other.text))
    return len(a & b) >= 0.8 * min(len(a), len(b)) if a and b else False
