"""Writes a reply from passages: selected sentences in a frame, every fact cited.

Nothing of the customer's text enters the reply but a plausible name. Facts are the
passages' own sentences; the frame states no facts and promises no times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.knowledge import Visibility
from sidecar.domain.reply import (
    Blocker,
    Purpose,
    Sentence,
    SentenceRole,
    Tone,
    Warning,
)
from sidecar.embedder.port import Embedder
from sidecar.llm.local.contradictions import contradictions
from sidecar.llm.local.frame import Slot, choose_template, parts
from sidecar.llm.local.grounded import grounded
from sidecar.llm.local.language import UNKNOWN, LanguageDetector
from sidecar.llm.local.missing import missing_details
from sidecar.llm.local.passage_units import units
from sidecar.llm.local.phrases import (
    acknowledgement,
    greeting,
    phrases,
    plausible_name,
    supported,
)
from sidecar.llm.local.question import condensed_question
from sidecar.llm.local.resolution_text import resolution_sentences
from sidecar.llm.local.select import Chosen, choose
from sidecar.llm.port import ComposedEnd, ComposedSentence, DraftTask

Step = ComposedSentence | ComposedEnd

_FRAME_CONFIDENCE = 0.5
_SURE_SCORE = 0.7
_READ_FIRST = 0.65
_RARELY_ANSWERED = frozenset({"feedback", "feature_request", "other"})
_CONCISE_FACTS = 2
_FULL_FACTS = 4
_BRIEF = re.compile(
    r"\b(short|brief|concise|kurz|bref|breve|corto|curto)\w*", re.IGNORECASE
)
_FORMAL = re.compile(r"\b(formal|förmlich|formel|formale)\w*", re.IGNORECASE)
_NO_FACTS = frozenset(
    {Purpose.STATUS_UPDATE, Purpose.CLARIFICATION, Purpose.ESCALATION}
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written, before any sentence is."""

    chosen: Chosen
    blocker: Blocker
    blocker_text: str
    warnings: tuple[Warning, ...]
    confidence: float


class Composer:
    """Composes replies; keeps nothing between calls."""

    def __init__(self, embedder: Embedder, languages: LanguageDetector) -> None:
        self._embedder = embedder
        self._languages = languages

    def compose(self, task: DraftTask) -> Iterator[Step]:
        """Yield the reply's sentences and last a ``ComposedEnd``."""
        task, language, warnings = _understood(task)
        if task.purpose in _NO_FACTS:
            empty = Chosen((), (), 0.0)
            plan = _Plan(empty, Blocker.NONE, "", warnings, _FRAME_CONFIDENCE)
        elif task.purpose is Purpose.RESOLUTION:
            plan = self._resolution_plan(task, warnings)
        else:
            plan = self._plan(task, language, warnings)
        template_id = ""
        if plan.blocker is Blocker.NONE:
            template = choose_template(
                task.templates,
                task.template_id,
                task.purpose,
                language,
                task.category,
                task.severity.value,
            )
            template_id = template.id
            yield from self._written(task, plan, language, template.body)
        yield ComposedEnd(
            blocker=plan.blocker,
            blocker_text=plan.blocker_text,
            warnings=tuple(dict.fromkeys(plan.warnings)),
            confidence=plan.confidence,
            template_id=template_id,
        )

    def _plan(
        self, task: DraftTask, language: str, warnings: tuple[Warning, ...]
    ) -> _Plan:
        nothing = Chosen((), (), 0.0)
        missing = "No public knowledge answers this; please write the reply yourself."
        if not task.answerable or not task.passages:
            blocker = Blocker.KNOWLEDGE_MISSING
            return _Plan(nothing, blocker, missing, warnings, 0.0)
        positions = [
            i
            for i, p in enumerate(task.passages)
            if p.visibility is Visibility.PUBLIC and p.text.strip()
        ]
        if any(p.visibility is not Visibility.PUBLIC for p in task.passages):
            warnings += (Warning.INTERNAL_SOURCE_EXISTS,)
        urls = frozenset(p.url for p in task.passages if p.url)
        found = [u for i in positions for u in units(task.passages[i], i, urls)]
        question = condensed_question(task.ticket, self._languages)
        most = _CONCISE_FACTS if task.tone is Tone.CONCISE else _FULL_FACTS
        chosen = choose(
            question,
            found,
            task.passages,
            self._embedder,
            language,
            most,
        )
        stated = (*chosen.steps, *chosen.facts)
        if not stated:
            blocker = Blocker.KNOWLEDGE_MISSING
            return _Plan(nothing, blocker, missing, warnings, 0.0)
        return _judged(task, language, chosen, warnings)

    def _resolution_plan(self, task: DraftTask, warnings: tuple[Warning, ...]) -> _Plan:
        ticket = task.ticket
        nothing = Chosen((), (), 0.0)
        if ticket.resolution or ticket.status.is_finished:
            return _Plan(nothing, Blocker.NONE, "", warnings, _FRAME_CONFIDENCE)
        text = "The ticket has no resolution yet; record it or choose another purpose."
        return _Plan(nothing, Blocker.KNOWLEDGE_MISSING, text, warnings, 0.0)

    def _written(
        self, task: DraftTask, plan: _Plan, language: str, body: str
    ) -> Iterator[ComposedSentence]:
        filled: Mapping[str, Sequence[ComposedSentence]] = {
            "steps": grounded(plan.chosen, task.passages),
            "questions": _questions(task, language),
            "resolution": resolution_sentences(task.ticket, language, self._languages),
        }
        for part in parts(body, _values(task, plan, language)):
            if isinstance(part, Slot):
                yield from filled[part.name]
            else:
                yield ComposedSentence(part)


def _understood(task: DraftTask) -> tuple[DraftTask, str, tuple[Warning, ...]]:
    """Apply what of the agent's instructions and the language can be followed."""
    warnings: tuple[Warning, ...] = ()
    language = supported(task.language)
    if not language:
        language = "en"
        if task.language not in ("", UNKNOWN):
            warnings += (Warning.LANGUAGE_UNSUPPORTED,)
    if task.sentiment is Sentiment.ANGRY:
        warnings += (Warning.CUSTOMER_ANGRY,)
    if _BRIEF.search(task.instructions):
        task = replace(task, tone=Tone.CONCISE)
    elif _FORMAL.search(task.instructions):
        task = replace(task, tone=Tone.FORMAL)
    elif task.instructions.strip():
        # Free instructions need a language model: say that they were not met.
        warnings += (Warning.DEGRADED,)
    return task, language, warnings


def _judged(
    task: DraftTask, language: str, chosen: Chosen, warnings: tuple[Warning, ...]
) -> _Plan:
    """Weigh what was chosen: age, language and contradiction lower the confidence."""
    stated = (*chosen.steps, *chosen.facts)
    used = [task.passages[u.passage] for u in stated]
    confidence = 0.4 * task.retrieval_confidence
    confidence += 0.6 * min(1.0, chosen.best / _SURE_SCORE)
    if task.category in _RARELY_ANSWERED:
        confidence *= 0.8
    if task.severity is Severity.CRITICAL or task.sentiment is Sentiment.ANGRY:
        # However well it fits, somebody should read this before it goes out.
        confidence = min(confidence, _READ_FIRST)
    if any(p.stale for p in used):
        warnings += (Warning.STALE_SOURCE,)
        confidence *= 0.7
    if any(p.language.split("-")[0] not in ("", language) for p in used):
        warnings += (Warning.SOURCE_LANGUAGE_DIFFERS,)
        confidence *= 0.8
    for one, other in contradictions(stated, chosen.near, task.passages):
        old = task.passages[other.passage].stale != task.passages[one.passage].stale
        if old:
            warnings += (Warning.SOURCES_CONTRADICT,)
            confidence *= 0.8
            break
        names = " and ".join(
            f"“{task.passages[u.passage].title}”" for u in (one, other)
        )
        text = f"{names} state different numbers: “{one.text}” – “{other.text}”"
        warnings += (Warning.SOURCES_CONTRADICT,)
        return _Plan(chosen, Blocker.SOURCES_CONTRADICT, text, warnings, 0.2)
    return _Plan(chosen, Blocker.NONE, "", warnings, round(confidence, 3))


def _questions(task: DraftTask, language: str) -> list[ComposedSentence]:
    if task.purpose is not Purpose.CLARIFICATION:
        return []
    texts = phrases(language)["details"]
    keys = missing_details(task.ticket, task.category, task.severity)
    return [
        ComposedSentence(Sentence(texts[key], SentenceRole.QUESTION, list_item=number))
        for number, key in enumerate(keys, start=1)
    ]


def _values(task: DraftTask, plan: _Plan, language: str) -> dict[str, str]:
    texts = phrases(language)
    name = task.ticket.customer.name
    lead = ""
    if plan.chosen.steps:
        lead = texts["steps_lead"]
    elif len(plan.chosen.facts) > 1:
        lead = texts["facts_lead"]
    closing = f"{texts['closing'][task.tone.value]},"
    return {
        "greeting": greeting(language, task.tone, name),
        "customer_name": plausible_name(name),
        "acknowledgement": acknowledgement(
            language, task.tone, task.sentiment, task.severity
        ),
        "lead": lead,
        "closing": f"{closing} {plausible_name(task.agent_name) or texts['team']}",
        "agent_name": plausible_name(task.agent_name) or texts["team"],
        "ticket_id": re.sub(r"[^\w-]", "", task.ticket.external_id)[:40],
    }
