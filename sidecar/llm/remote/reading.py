"""Classify with a model: it proposes values, what may be done with them is arithmetic.

The local engine reads every ticket as well. Where both agree, the chance that both are
wrong is taken as the product of half the local doubt; where they differ the model's
value is at most suggested. Severity moves by one step from what the words say, so that
a text cannot talk a ticket up; priority and risk are never the model's.

Where a team has trained a classifier its labels stand: it learned them from the team's
own tickets, a model would know no more of them than their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sidecar.domain.classification import (
    Alternative,
    Prediction,
    Reason,
    ReasonCode,
    Sentiment,
    Severity,
    Span,
    Taxonomy,
    Thresholds,
)
from sidecar.domain.ticket import Ticket
from sidecar.llm.port import Signals
from sidecar.llm.remote.answers import malformed, string, whole
from sidecar.llm.remote.asking import Asker, Errand, Provider
from sidecar.llm.remote.conversation import conversation, names_in
from sidecar.llm.remote.door import Block, Door, Order
from sidecar.llm.remote.prompts import prompt
from sidecar.llm.remote.schemas import TONE, classification

TASK = "classify"
_MOST_OUTPUT = 400
_AGREED_MOST = 0.94
_DIFFERENT = 0.6
_UNSURE = 0.4
_SURE_LANGUAGE = 0.8
_MOST_EXAMPLES = 3
_LONGEST_QUOTE = 200
_READ_TONE = Reason(
    ReasonCode.LANGUAGE_MODEL, "A language model read tone, severity and language."
)
_LADDER = (Severity.LOW, Severity.NORMAL, Severity.HIGH, Severity.CRITICAL)


class Reading:
    """Reads one ticket with whichever provider answers.

    ``trained`` says that a trained classifier decides about category and intent: then
    the model is asked for neither.
    """

    def __init__(
        self,
        door: Door,
        asker: Asker,
        ticket: Ticket,
        taxonomy: Taxonomy,
        most: int,
        *,
        trained: bool,
    ) -> None:
        self._door = door
        self._asker = asker
        self._ticket = ticket
        self._taxonomy = taxonomy
        self._trained = trained
        blocks = conversation(ticket, most).blocks
        if not trained:
            blocks = (Block("values that may be chosen", _listed(taxonomy)), *blocks)
        self._order = Order(
            prompt=prompt(TASK),
            values={},
            blocks=blocks,
            names=names_in(ticket),
            schema=TONE if trained else _schema(taxonomy),
            most_output_tokens=_MOST_OUTPUT,
        )

    def attempt(
        self, provider: Provider, seconds: float, errand: Errand, local: Signals
    ) -> Iterator[Signals]:
        """Yield once what the provider and the local engine together make of it."""
        sealed = self._door.seal(self._order)
        text = "".join(self._asker.ask(provider, sealed, errand, seconds))
        found = sealed.opened(whole(text))
        merged = self._merged(found, local)
        self._asker.remember(provider, sealed, errand, text)
        version = self._order.prompt.version
        yield replace(
            merged,
            engine=provider.name,
            model=f"{provider.client.model}+{version}",
        )

    def _merged(self, found: dict[str, Any], local: Signals) -> Signals:
        try:
            sentiment = Sentiment(string(found, "sentiment", 40))
            severity = Severity(string(found, "severity", 40))
        except ValueError:
            raise malformed() from None
        read = replace(
            local,
            sentiment=_calm(sentiment, local.sentiment),
            severity=_near(severity, local.severity),
            language=_language(string(found, "language", 35), local),
        )
        if self._trained:
            return replace(read, reasons=(*read.reasons, _READ_TONE))
        return self._labelled(read, found)

    def _labelled(self, local: Signals, found: dict[str, Any]) -> Signals:
        """Weigh the model's category and intent against those of ``local``."""
        sure = found.get("sure") is True
        limits = self._taxonomy.thresholds
        category = self._value(found, "category", self._taxonomy.categories)
        intent = self._value(found, "intent", self._taxonomy.intents)
        parents = {label.name: label.parent for label in self._taxonomy.intents}
        if parents[intent] != category:
            sure = False
        return replace(
            local,
            category=_weighed(category, local.category, sure, limits),
            intent=_weighed(intent, local.intent, sure, limits),
            reasons=(*local.reasons, self._reason(found, intent)),
        )

    @staticmethod
    def _value(found: dict[str, Any], name: str, labels: tuple[Any, ...]) -> str:
        value = string(found, name, 200)
        if value not in {label.name for label in labels}:
            raise malformed()
        return value

    def _reason(self, found: dict[str, Any], intent: str) -> Reason:
        """Return the model's reason; its words count only where they really stand."""
        quote = string(found, "quote", _LONGEST_QUOTE).strip()
        newest = self._ticket.customer_messages[-1:]
        span = None
        if quote and newest and (at := newest[0].body.find(quote)) >= 0:
            span = Span("message", at, at + len(quote), newest[0].id)
        return Reason(
            ReasonCode.LANGUAGE_MODEL, f"A language model reads it as “{intent}”.", span
        )


def _schema(taxonomy: Taxonomy) -> dict[str, Any]:
    return classification(
        [label.name for label in taxonomy.categories],
        [label.name for label in taxonomy.intents],
    )


def _listed(taxonomy: Taxonomy) -> str:
    # No colons after a name: "password: …" would be taken for a secret.
    lines = ["category"]
    lines += [f"- {c.name} — {c.description[:300]}" for c in taxonomy.categories]
    lines.append("intent (its category)")
    for label in taxonomy.intents:
        examples = " / ".join(e[:120] for e in label.examples[:_MOST_EXAMPLES])
        said = f" e.g. {examples}" if examples else ""
        lines.append(
            f"- {label.name} ({label.parent}) — {label.description[:300]}{said}"
        )
    return "\n".join(lines)


def _weighed(
    value: str, local: Prediction, sure: bool, limits: Thresholds
) -> Prediction:
    """Return the model's value with a confidence that both engines earn together."""
    if value == local.value:
        doubt = 1.0 - local.confidence
        together = min(max(1.0 - doubt * 0.5, _DIFFERENT), _AGREED_MOST)
        confidence = max(local.confidence, together if sure else local.confidence)
    else:
        confidence = _DIFFERENT if sure else _UNSURE
    rest = {a.value: a.confidence for a in local.alternatives if a.value != value}
    if local.value != value:
        rest[local.value] = local.confidence
    spare = 1.0 - confidence
    others = sorted(rest.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
    alternatives = (
        Alternative(value, round(confidence, 3)),
        *(Alternative(name, round(min(c, spare), 3)) for name, c in others),
    )
    return Prediction(
        value, round(confidence, 3), alternatives, limits.decide(confidence)
    )


def _calm(wanted: Sentiment, words: Sentiment) -> Sentiment:
    """Return the model's tone, but anger where, and only where, the words have it.

    Anger alone escalates: a mail must not be able to talk a model into it or out of it.
    """
    if words is Sentiment.ANGRY:
        return words
    if wanted is Sentiment.ANGRY:
        return Sentiment.NEGATIVE
    return wanted


def _near(wanted: Severity, words: Severity) -> Severity:
    here, there = _LADDER.index(words), _LADDER.index(wanted)
    return _LADDER[min(max(there, here - 1), here + 1)]


def _language(tag: str, local: Signals) -> str:
    if local.language_confidence >= _SURE_LANGUAGE:
        return local.language
    parts = tag.strip().split("-")
    known = 2 <= len(parts[0]) <= 3 and all(p.isascii() and p.isalnum() for p in parts)
    return tag.strip() if known and parts[0].isalpha() else local.language
