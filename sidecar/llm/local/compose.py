"""Writes a reply from passages: selected sentences in a frame, every fact cited.

Nothing of the customer's text enters the reply but a plausible name. Facts are the
passages' own sentences; the frame states no facts and promises no times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sidecar.domain.classification import Sentiment
from sidecar.domain.knowledge import Visibility
from sidecar.domain.reply import (
    Blocker,
    Purpose,
    Sentence,
    SentenceRole,
    Tone,
    Warning,
)
from sidecar.domain.ticket import Message
from sidecar.embedder.port import Embedder
from sidecar.llm.local.asked import Wants, asked_now, is_critical_outage
from sidecar.llm.local.done import without_done
from sidecar.llm.local.frame import Slot, choose_template, parts
from sidecar.llm.local.grounded import grounded
from sidecar.llm.local.language import UNKNOWN, LanguageDetector
from sidecar.llm.local.lexicon import speaking
from sidecar.llm.local.missing import NOTHING_MISSING, missing_details
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
from sidecar.llm.local.ticket_text import newest_turns
from sidecar.llm.local.told import still_new
from sidecar.llm.local.weigh import MISSING, Verdict, weigh
from sidecar.llm.port import ComposedEnd, ComposedSentence, DraftTask

Step = ComposedSentence | ComposedEnd
_FRAME_CONFIDENCE = 0.5
_CONCISE_FACTS = 2
_FULL_FACTS = 4
_BRIEF = re.compile(
    r"\b(short|brief|concise|kurz|bref|breve|corto|curto)\w*", re.IGNORECASE
)
_FORMAL = re.compile(r"\b(formal|förmlich|formel|formale)\w*", re.IGNORECASE)
_NO_FACTS = frozenset(
    {Purpose.STATUS_UPDATE, Purpose.CLARIFICATION, Purpose.ESCALATION}
)
_NOTHING = Chosen((), (), 0.0)
_FRAME = Verdict(Blocker.NONE, "", (), _FRAME_CONFIDENCE)
_HEARD = "{greeting}\n\n{heard}\n\n{steps}\n\n{open}\n\n{closing}"
"""The reply to a turn that asks for nothing; an agent's own template goes first."""
_DOWN = "{greeting}\n\n{acknowledgement} {heard}\n\n{questions}\n\n{look}\n\n{closing}"
"""The reply to an outage: nothing is claimed that only an escalation makes true."""
_NEWS_WANTED = "The customer asks where the matter stands; no article can say that."
_NEXT_STEP = "The customer gives what was asked for; the next step is yours."
_DONE_ALREADY = "The customer says that this is done; please write the reply yourself."
_NO_RESOLUTION = (
    "The ticket has no resolution yet; record it or choose another purpose."
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written, before any sentence is; ``body`` replaces a template."""

    verdict: Verdict
    chosen: Chosen = _NOTHING
    purpose: Purpose = Purpose.INITIAL_RESPONSE
    body: str = ""
    heard: str = ""


class Composer:
    """Composes replies; keeps nothing between calls."""

    def __init__(self, embedder: Embedder, languages: LanguageDetector) -> None:
        self._embedder = embedder
        self._languages = languages

    def compose(self, task: DraftTask) -> Iterator[Step]:
        """Yield the reply's sentences and last a ``ComposedEnd``."""
        task, language, warnings = _understood(task)
        plan = self._plan(task, language)
        task = replace(task, purpose=plan.purpose)
        template_id, verdict = "", plan.verdict
        if verdict.blocker is Blocker.NONE:
            body = plan.body
            if not body:
                template = choose_template(
                    task.templates,
                    task.template_id,
                    task.purpose,
                    language,
                    task.category,
                    task.severity.value,
                )
                template_id, body = template.id, template.body
            yield from self._written(task, plan, language, body)
        yield ComposedEnd(
            blocker=verdict.blocker,
            blocker_text=verdict.blocker_text,
            warnings=tuple(dict.fromkeys((*warnings, *verdict.warnings))),
            confidence=verdict.confidence,
            template_id=template_id,
        )

    def _plan(self, task: DraftTask, language: str) -> _Plan:
        """Decide by the purpose and by what the newest turn asks for."""
        if task.purpose in _NO_FACTS:
            return _Plan(_FRAME, purpose=task.purpose)
        if task.purpose is Purpose.RESOLUTION:
            return _Plan(_resolution_verdict(task), purpose=task.purpose)
        spoken = speaking(self._spoken(task))
        asked = asked_now(task.ticket, spoken, task.sentiment)
        if asked.wants is Wants.NEWS:
            return _Plan(_missing(_NEWS_WANTED))
        if asked.wants is Wants.NEXT_STEP:
            return _Plan(_missing(_NEXT_STEP))
        if asked.wants is Wants.UNCLEAR:
            return _Plan(_FRAME, purpose=Purpose.CLARIFICATION)
        if asked.wants is Wants.NOTHING and not task.template_id:
            texts = phrases(language)["heard"]
            glad = f" {texts['glad']}" if asked.content else ""
            return _Plan(_FRAME, body=_HEARD, heard=texts["thanks"] + glad)
        if is_critical_outage(task, spoken) and not task.template_id:
            # The customer knows that it is down; articles about it help nobody.
            heard = phrases(language)["outage"]["understood"]
            return _Plan(_FRAME, body=_DOWN, heard=heard)
        return self._answer(task, language, asked.turn)

    def _spoken(self, task: DraftTask) -> str:
        bodies = [m.body[:2000] for m in reversed(newest_turns(task.ticket))]
        return self._languages.detect_first([*bodies, task.ticket.subject]).language

    def _answer(self, task: DraftTask, language: str, turn: Message | None) -> _Plan:
        if not task.answerable or not task.passages:
            return _Plan(_missing(MISSING))
        public = [
            i
            for i, p in enumerate(task.passages)
            if p.visibility is Visibility.PUBLIC and p.text.strip()
        ]
        urls = frozenset(p.url for p in task.passages if p.url)
        found = [u for i in public for u in units(task.passages[i], i, urls)]
        found = still_new(found, task.ticket, turn)
        question = condensed_question(task.ticket, turn, self._languages)
        most = _CONCISE_FACTS if task.tone is Tone.CONCISE else _FULL_FACTS
        chosen = choose(question, found, task.passages, self._embedder, language, most)
        verdict = _missing(MISSING)
        if chosen.steps or chosen.facts:
            own = speaking(question.language)
            chosen = without_done(chosen, found, task.ticket, own)
            verdict = _missing(_DONE_ALREADY)
        if chosen.steps or chosen.facts:
            verdict = weigh(task, language, question, chosen)
        if any(p.visibility is not Visibility.PUBLIC for p in task.passages):
            internal = (Warning.INTERNAL_SOURCE_EXISTS,)
            verdict = replace(verdict, warnings=internal + verdict.warnings)
        return _Plan(verdict, chosen)

    def _written(
        self, task: DraftTask, plan: _Plan, language: str, body: str
    ) -> Iterator[ComposedSentence]:
        filled: Mapping[str, Sequence[ComposedSentence]] = {
            "steps": grounded(plan.chosen, task.passages),
            "questions": _questions(task, plan, language),
            "resolution": resolution_sentences(task.ticket, language, self._languages),
        }
        for part in parts(body, _values(task, plan, language)):
            if isinstance(part, Slot):
                yield from filled[part.name]
            else:
                yield ComposedSentence(part)


def _missing(text: str) -> Verdict:
    return Verdict(Blocker.KNOWLEDGE_MISSING, text, (), 0.0)


def _resolution_verdict(task: DraftTask) -> Verdict:
    ticket = task.ticket
    if ticket.resolution or ticket.status.is_finished:
        return _FRAME
    return _missing(_NO_RESOLUTION)


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


def _questions(task: DraftTask, plan: _Plan, language: str) -> list[ComposedSentence]:
    texts = phrases(language)["details"]
    if plan.body == _DOWN:
        key = missing_details(task.ticket, "outage", task.severity)[0]
        key = "down_since" if key == "since_when" else key
        one = Sentence(texts[key], SentenceRole.QUESTION, starts_paragraph=True)
        return [] if key == NOTHING_MISSING else [ComposedSentence(one)]
    if task.purpose is not Purpose.CLARIFICATION:
        return []
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
        "heard": plan.heard,
        "open": texts["heard"]["open"],
        "look": texts["outage"]["look"],
        "lead": lead,
        "closing": f"{closing} {plausible_name(task.agent_name) or texts['team']}",
        "agent_name": plausible_name(task.agent_name) or texts["team"],
        "ticket_id": re.sub(r"[^\w-]", "", task.ticket.external_id)[:40],
    }
