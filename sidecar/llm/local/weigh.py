"""How sure a draft may be: what the chosen sentences have to do with the question.

``confidence = 0.3 retrieval + 0.4 best + 0.3 support``, each 0..1. ``best`` is the
best sentence's score over .7; ``support`` is the share of the question's words found
in what is stated and its headings, the subject's words counting double, over .5; an
error code that is met makes it 1. Categories that articles rarely answer count 0.8.
Below .54 nothing is said; below .6 when the best
sentence's score and the share of words together stay under .65: then the search is sure
of the topic, and no sentence of the matter. At most .65 is reached, and so read by
somebody first, with a critical severity or an angry customer, when a code is not met
and when an agent has the last word; without a code that is met also for a later turn,
and when under half of the subject's words are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.knowledge import Passage
from sidecar.domain.ranking import error_codes
from sidecar.domain.reply import Blocker, Warning
from sidecar.domain.ticket import AuthorRole, Ticket
from sidecar.llm.local.contradictions import contradictions
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.passage_units import Unit
from sidecar.llm.local.question import Question
from sidecar.llm.local.select import Chosen
from sidecar.llm.local.translate import to_english
from sidecar.llm.port import DraftTask

_SURE_SCORE = 0.7
_SURE_SUPPORT = 0.5
_HALF = 0.5
_READ_FIRST = 0.65
_LEAST_CONFIDENCE = 0.54
_LEAST_UNMET = 0.6
_LEAST_MET = 0.65
_RARELY_ANSWERED = frozenset({"feedback", "feature_request", "other"})
MISSING = "No public knowledge answers this; please write the reply yourself."
"""What an agent is told when no article answers."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well what is stated fits what was asked."""

    confidence: float
    support: float
    subject: float
    code_met: bool
    code_missed: bool


def fit_of(
    question: Question,
    chosen: Chosen,
    passages: Sequence[Passage],
    retrieval_confidence: float,
) -> Fit:
    """Weigh the chosen sentences against the question."""
    known = set()
    for unit in (*chosen.steps, *chosen.facts):
        known |= _known(unit, passages[unit.passage])
    asked = _stems(question.text, question.language)
    about = _stems(question.subject, question.language)
    total = len(asked) + len(about)
    support = (len(asked & known) + len(about & known)) / total if total else 0.0
    subject = len(about & known) / len(about) if about else 1.0
    named = question.named
    stated = frozenset[str]().union(
        *(error_codes(u.text) for u in (*chosen.steps, *chosen.facts))
    )
    best = min(1.0, chosen.best / _SURE_SCORE)
    confidence = 0.3 * retrieval_confidence + 0.4 * best
    met = bool(named & stated)
    # Who gives a code wants to know that code, whatever the story around it.
    support = max(support, _SURE_SUPPORT) if met else support
    confidence += 0.3 * min(1.0, support / _SURE_SUPPORT)
    return Fit(confidence, support, subject, met, bool(named) and not met)


def _stems(text: str, language: str) -> set[str]:
    """Return the stems a text asks with, in its own language and in English."""
    own = {s for s in content_stems(text) if not s.isdigit()}
    glossed = {s for s in content_stems(to_english(text, language)) if not s.isdigit()}
    # A word that the gloss translates is one word, not two.
    return glossed if language not in ("", "en") else own


def _known(unit: Unit, passage: Passage) -> set[str]:
    text = f"{unit.text} {unit.heading} {passage.title}"
    return _stems(text, passage.language) | set(content_stems(text))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may become of a draft: its blocker, warnings and confidence."""

    blocker: Blocker
    blocker_text: str
    warnings: tuple[Warning, ...]
    confidence: float


def weigh(
    task: DraftTask, language: str, question: Question, chosen: Chosen
) -> Verdict:
    """Judge what was chosen; age, language and contradiction lower the confidence.

    Nothing that shares too little with the question is dressed as an answer.
    """
    found = fit_of(question, chosen, task.passages, task.retrieval_confidence)
    confidence = found.confidence
    if task.category in _RARELY_ANSWERED:
        confidence *= 0.8
    least = _LEAST_CONFIDENCE if _is_met(found, chosen) else _LEAST_UNMET
    if confidence < least:
        return Verdict(Blocker.KNOWLEDGE_MISSING, MISSING, (), 0.0)
    if (
        task.severity is Severity.CRITICAL
        or task.sentiment is Sentiment.ANGRY
        or found.code_missed
        or _is_answered(task.ticket)
        or ((question.later or found.subject < _HALF) and not found.code_met)
    ):
        # However well it fits, somebody should read this before it goes out.
        confidence = min(confidence, _READ_FIRST)
    warnings: tuple[Warning, ...] = ()
    stated = (*chosen.steps, *chosen.facts)
    used = [task.passages[u.passage] for u in stated]
    if any(p.stale for p in used):
        warnings += (Warning.STALE_SOURCE,)
        confidence *= 0.7
    if any(p.language.split("-")[0] not in ("", language) for p in used):
        warnings += (Warning.SOURCE_LANGUAGE_DIFFERS,)
        confidence *= 0.8
    for one, other in contradictions(stated, chosen.near, task.passages):
        warnings += (Warning.SOURCES_CONTRADICT,)
        old = task.passages[other.passage].stale != task.passages[one.passage].stale
        if old:
            confidence *= 0.8
            break
        blocker = Blocker.SOURCES_CONTRADICT
        return Verdict(blocker, _conflict(one, other, task.passages), warnings, 0.2)
    return Verdict(Blocker.NONE, "", warnings, round(confidence, 3))


def _is_met(found: Fit, chosen: Chosen) -> bool:
    """Say whether what is stated, and not only its topic, has to do with it."""
    return found.code_met or chosen.best + found.support >= _LEAST_MET


def _is_answered(ticket: Ticket) -> bool:
    """Say whether the last word is an agent's: another reply may repeat it."""
    public = ticket.public_messages
    return bool(public) and public[-1].author.role is AuthorRole.AGENT


def _conflict(one: Unit, other: Unit, passages: Sequence[Passage]) -> str:
    names = " and ".join(f"“{passages[u.passage].title}”" for u in (one, other))
    return f"{names} state different numbers: “{one.text}” – “{other.text}”"
