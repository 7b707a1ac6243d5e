"""Which sentences of the passages answer the customer: the choice among scored ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.knowledge import Passage
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.question import Question
from sidecar.llm.local.score import Scored, score_units

MOST_STEPS = 9
MOST_FACTS = 4
_LEAST_SCORE = 0.28
_NEAR_BEST = 0.75
_AT_HOME = 0.7
_ELSEWHERE = 0.88
_SAME_LANGUAGE_SHARE = 0.85
_STEPS_SHARE = 0.7
_MOST_LEAD_SENTENCES = 2
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
    scored = score_units(question, found, passages, embedder)
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


def _one_language(
    scored: list[Scored], passages: Sequence[Passage], target: str
) -> list[Scored]:
    def speaks(one: Scored) -> str:
        return passages[one.unit.passage].language.split("-")[0] or target

    if not scored:
        return scored
    best = max(scored, key=lambda s: s.score)
    same = [s for s in scored if speaks(s) == target]
    if same and max(s.score for s in same) >= _SAME_LANGUAGE_SHARE * best.score:
        return same
    return [s for s in scored if speaks(s) == speaks(best)]


def _steps(best: Unit, scored: Sequence[Scored]) -> tuple[Unit, ...]:
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
    scored: Sequence[Scored],
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
        least = max(_LEAST_SCORE, score * (_AT_HOME if home else _ELSEWHERE))
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
    """Return a sentence with those before it in its paragraph, at most two.

    "Say so in a ticket" is no answer without what "so" is; and one behind it that
    speaks of it comes along.
    """
    group = [unit]
    while group[0].after and len(group) <= _MOST_LEAD_SENTENCES:
        before = by_place.get((unit.passage, group[0].order - 1))
        if before is None:
            break
        group.insert(0, before)
    if _refers_back(group[0]):
        return []
    # "It is covered for 12 months" belongs to what it speaks of.
    behind = by_place.get((unit.passage, unit.order + 1))
    if behind is not None and behind.after and _refers_back(behind):
        group.append(behind)
    return group


def _refers_back(unit: Unit) -> bool:
    if unit.key:
        return False
    words = unit.text.split()
    return words[0].lower().strip(",.'’") in _REFERS_BACK or unit.text[0].islower()


def _same(one: Unit, other: Unit) -> bool:
    a, b = set(content_stems(one.text)), set(content_stems(other.text))
    return len(a & b) >= 0.8 * min(len(a), len(b)) if a and b else False
