"""The engine of a language model: providers in turn, and the local engine behind them.

Whatever happens to a provider, every call gets an answer within its deadline; one that
the local engine had to give is marked degraded and says so in ``engine``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sidecar import logs, metrics
from sidecar.domain.classification import Reason, ReasonCode, Taxonomy
from sidecar.domain.reply import Blocker, Purpose, Warning
from sidecar.domain.summary import Summary, SummaryKind
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import (
    Asked,
    ComposedEnd,
    ComposedSentence,
    DraftTask,
    Signals,
    StartOver,
)
from sidecar.llm.remote import drafting, reading, summarizing
from sidecar.llm.remote.asking import Asker, Bill, Errand, Provider
from sidecar.llm.remote.chain import NobodyAnswered, through
from sidecar.llm.remote.door import Door
from sidecar.llm.remote.failure import Failure
from sidecar.safety.port import Safety

_LOG = logging.getLogger(__name__)
_SUSPICIOUS_FROM = 0.7
_NO_MODEL = "No language model answered; the local engine decided."
_NO_MONEY = "The budget is used up; the local engine decided."
_NO_MONEY_NO_ANSWER = (
    "The budget for language models is used up, and no local answer was good enough."
)

Step = ComposedSentence | StartOver | ComposedEnd
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tools:
    """What every call of the engine works with; ``most_tokens`` bounds one prompt."""

    providers: tuple[Provider, ...]
    local: LocalEngine
    door: Door
    asker: Asker
    safety: Safety
    most_tokens: int


class ModelEngine:
    """The configured provider, the other one, the local engine: the first that can.

    Bound to no call it is the local engine: nobody says who pays and until when.
    """

    def __init__(self, tools: Tools, asked: Asked | None = None) -> None:
        self._tools = tools
        self._asked = asked

    @property
    def name(self) -> str:
        """The configured provider."""
        return self._tools.providers[0].name

    @property
    def model(self) -> str:
        """The configured provider's model."""
        return self._tools.providers[0].client.model

    def for_call(self, asked: Asked) -> ModelEngine:
        """Return the engine for one call."""
        return ModelEngine(self._tools, asked)

    def close(self) -> None:
        """Release the connections of the providers."""
        for provider in self._tools.providers:
            provider.client.close()

    def language_of(self, text: str) -> str:
        """Return the BCP 47 tag of the language; no model is asked for that."""
        return self._tools.local.language_of(text)

    def read(
        self, ticket: Ticket, taxonomy: Taxonomy, history: CustomerHistory | None
    ) -> Signals:
        """Read the ticket twice, locally and with a model, and merge."""
        local = self._tools.local
        known = local.read(ticket, taxonomy, history)
        own = replace(known, engine=local.name, model=local.model)
        errand = self._errand(reading.TASK, ticket)
        if errand is None or self._suspected(ticket):
            return own
        work = reading.Reading(
            self._tools.door,
            self._tools.asker,
            ticket,
            taxonomy,
            self._tools.most_tokens,
            trained=local.is_trained(taxonomy),
        )
        steps = through(
            self._tools.providers,
            errand,
            lambda provider, seconds: work.attempt(provider, seconds, errand, known),
        )
        found, why = _result(steps)
        if found is not None:
            return replace(found, usage=errand.bill.usage())
        self._degraded(reading.TASK, why)
        said = _NO_MONEY if why is Failure.BUDGET else _NO_MODEL
        reason = Reason(ReasonCode.DEGRADED, said)
        return replace(
            own,
            degraded=True,
            reasons=(*own.reasons, reason),
            usage=errand.bill.usage(),
        )

    def summarize(self, ticket: Ticket, kind: SummaryKind, language: str) -> Summary:
        """Summarise with a model, every line checked."""
        known = self._tools.local.summarize(ticket, kind, language)
        errand = self._errand(summarizing.TASK, ticket)
        if errand is None:
            return known
        if self._suspected(ticket):
            suspected = (*known.warnings, Warning.INJECTION_SUSPECTED)
            return replace(known, warnings=suspected)
        work = summarizing.Summarizing(
            self._tools.door,
            self._tools.asker,
            self._tools.safety,
            self._tools.local,
            ticket,
            kind,
            known.language,
            self._tools.most_tokens,
        )
        steps = through(
            self._tools.providers,
            errand,
            lambda provider, seconds: work.attempt(provider, seconds, errand, known),
        )
        found, why = _result(steps)
        if found is not None:
            return replace(found, usage=errand.bill.usage())
        self._degraded(summarizing.TASK, why)
        marks = _marks(why)
        return replace(
            known, warnings=(*known.warnings, *marks), usage=errand.bill.usage()
        )

    def compose(self, task: DraftTask) -> Iterator[Step]:
        """Write with a model; its sentences are checked by whoever called."""
        errand = self._errand(drafting.TASK, task.ticket)
        # Without a source nothing can be stated: no model changes that.
        nothing_found = task.purpose is Purpose.INITIAL_RESPONSE and not task.passages
        if errand is None or nothing_found:
            yield from self._locally(task)
            return
        work = drafting.Drafting(
            self._tools.door,
            self._tools.asker,
            self._tools.local,
            task,
            self._tools.most_tokens,
        )
        steps = through(
            self._tools.providers,
            errand,
            lambda provider, seconds: work.attempt(provider, seconds, errand),
        )
        try:
            for step in steps:
                if isinstance(step, ComposedEnd):
                    step = replace(step, usage=errand.bill.usage())
                yield step
        except NobodyAnswered as nobody:
            self._degraded(drafting.TASK, nobody.why)
            yield from self._locally(task, nobody.why, errand.bill)

    def _locally(
        self, task: DraftTask, why: Failure | None = None, bill: Bill | None = None
    ) -> Iterator[Step]:
        local = self._tools.local
        for step in local.compose(task):
            if isinstance(step, ComposedSentence):
                step = replace(step, engine=local.name)
            else:
                step = replace(step, engine=local.name, model=local.model)
                if why is not None and bill is not None:
                    step = replace(_without_model(step, why), usage=bill.usage())
            yield step

    def _errand(self, task: str, ticket: Ticket) -> Errand | None:
        if self._asked is None or self._asked.local_only:
            return None
        return Errand(self._asked, task, ticket.id, Bill())

    def _suspected(self, ticket: Ticket) -> bool:
        """Say whether a turn that would be sent looks like orders to a machine.

        Such a ticket is read by rules that cannot be talked to. (A draft is written
        all the same: of it every sentence is checked.)
        """
        texts = [ticket.subject, ticket.customer.name]
        for message in ticket.judged_messages:
            texts += [message.body, *(a.file_name for a in message.attachments)]
        safety = self._tools.safety
        return any(safety.suspicion(text).score >= _SUSPICIOUS_FROM for text in texts)

    @staticmethod
    def _degraded(task: str, why: Failure | None) -> None:
        reason = why.value if why else "unknown"
        metrics.MODEL_DEGRADED.labels(task, reason).inc()
        logs.event(_LOG, logging.WARNING, "model.degraded", task=task, reason=reason)


def _result(steps: Iterator[T | StartOver]) -> tuple[T | None, Failure | None]:
    """Return the one result, or why there is none."""
    found: Sequence[T] = ()
    try:
        for step in steps:
            found = () if isinstance(step, StartOver) else (step,)
    except NobodyAnswered as nobody:
        return None, nobody.why
    return (found[0], None) if found else (None, None)


def _marks(why: Failure | None) -> tuple[Warning, ...]:
    if why is Failure.BUDGET:
        return (Warning.DEGRADED, Warning.BUDGET_EXHAUSTED)
    return (Warning.DEGRADED,)


def _without_model(end: ComposedEnd, why: Failure) -> ComposedEnd:
    """Mark the local engine's end as the second choice that it is."""
    end = replace(end, warnings=tuple(dict.fromkeys((*end.warnings, *_marks(why)))))
    if why is Failure.BUDGET and end.blocker is Blocker.KNOWLEDGE_MISSING:
        return replace(
            end, blocker=Blocker.BUDGET_EXHAUSTED, blocker_text=_NO_MONEY_NO_ANSWER
        )
    return end
