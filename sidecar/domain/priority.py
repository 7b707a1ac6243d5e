"""Priority and risk: plain arithmetic over what was read out of a ticket.

Priority is ``1 + points``, rounded half up and held within 1..10. The points:

=============  ==================================================================
severity       low 0 · normal 2 · high 4.5 · critical 7
sentiment      positive 0 · neutral 0 · negative 1 · angry 2
tier           VIP 1
attempts       0.5 each, at most 2
other tickets  0.25 for each open one, at most 0.5; 0.25 for each angry one, at most 0.5
reasons        legal 1 · many users, data loss, security, churn, deadline 0.5 each
=============  ==================================================================

Risk is ``1 - product(1 - part)`` over the same inputs (independent chances that the
matter goes wrong), so every input raises it and it never leaves 0..1. A positive tone
weighs as much as a neutral one: being polite must not cost a customer anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Protocol

from sidecar.domain.classification import Reason, ReasonCode, Sentiment, Severity
from sidecar.domain.ticket import CustomerHistory, CustomerTier, Ticket

LOOK_NOW = 0.7
"""Above this risk a person should look at once."""

_SEVERITY_POINTS = {
    Severity.LOW: 0.0,
    Severity.NORMAL: 2.0,
    Severity.HIGH: 4.5,
    Severity.CRITICAL: 7.0,
}
_SENTIMENT_POINTS = {
    Sentiment.POSITIVE: 0.0,
    Sentiment.NEUTRAL: 0.0,
    Sentiment.NEGATIVE: 1.0,
    Sentiment.ANGRY: 2.0,
}
_REASON_POINTS = {
    ReasonCode.LEGAL: 1.0,
    ReasonCode.MANY_USERS: 0.5,
    ReasonCode.DATA_LOSS: 0.5,
    ReasonCode.SECURITY: 0.5,
    ReasonCode.CHURN: 0.5,
    ReasonCode.DEADLINE: 0.5,
}
_SEVERITY_RISK = {
    Severity.LOW: 0.02,
    Severity.NORMAL: 0.1,
    Severity.HIGH: 0.35,
    Severity.CRITICAL: 0.7,
}
_SENTIMENT_RISK = {
    Sentiment.POSITIVE: 0.0,
    Sentiment.NEUTRAL: 0.02,
    Sentiment.NEGATIVE: 0.12,
    Sentiment.ANGRY: 0.4,
}
_REASON_RISK = {
    ReasonCode.LEGAL: 0.5,
    ReasonCode.DATA_LOSS: 0.35,
    ReasonCode.SECURITY: 0.3,
    ReasonCode.CHURN: 0.3,
    ReasonCode.OUTAGE: 0.15,
    ReasonCode.MANY_USERS: 0.15,
    ReasonCode.MONEY: 0.1,
    ReasonCode.DEADLINE: 0.05,
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything priority and risk depend on; the counts are not negative.

    ``attempts`` are the customer's turns after an answer; ``other_open`` and
    ``other_angry`` count the customer's other tickets.
    """

    severity: Severity
    sentiment: Sentiment
    tier: CustomerTier = CustomerTier.STANDARD
    attempts: int = 0
    other_open: int = 0
    other_angry: int = 0
    reasons: frozenset[ReasonCode] = frozenset()


class Evidence(Protocol):
    """What an engine read out of the ticket, as far as the arithmetic needs it."""

    @property
    def severity(self) -> Severity:
        """How bad the effect is."""

    @property
    def sentiment(self) -> Sentiment:
        """The tone of the newest turns."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why; only the codes count."""


def weights_of(
    evidence: Evidence, ticket: Ticket, history: CustomerHistory | None
) -> Weights:
    """Gather the inputs of the arithmetic."""
    return Weights(
        severity=evidence.severity,
        sentiment=evidence.sentiment,
        tier=ticket.customer.tier,
        attempts=ticket.attempts,
        other_open=max(history.open, 0) if history else 0,
        other_angry=max(history.angry_count, 0) if history else 0,
        reasons=frozenset(reason.code for reason in evidence.reasons),
    )


def priority_of(
    evidence: Evidence, ticket: Ticket, history: CustomerHistory | None
) -> tuple[int, tuple[Reason, ...]]:
    """Return the priority 1..10 and what besides the text itself moved it."""
    weights = weights_of(evidence, ticket, history)
    return priority(weights), _circumstances(weights)


def risk_of(
    evidence: Evidence, ticket: Ticket, history: CustomerHistory | None
) -> tuple[float, tuple[Reason, ...]]:
    """Return the risk 0..1 and, above ``LOOK_NOW``, a reason that says so."""
    value = risk(weights_of(evidence, ticket, history))
    if value <= LOOK_NOW:
        return value, ()
    return value, (Reason(ReasonCode.RISK, f"Risk {value:.2f}: look at it now."),)


def priority(weights: Weights) -> int:
    """Return 1 (can wait) .. 10 (drop everything), by the table of this module."""
    points = (
        _SEVERITY_POINTS[weights.severity]
        + _SENTIMENT_POINTS[weights.sentiment]
        + (1.0 if weights.tier is CustomerTier.VIP else 0.0)
        + min(0.5 * weights.attempts, 2.0)
        + min(0.25 * weights.other_open, 0.5)
        + min(0.25 * weights.other_angry, 0.5)
        + sum(_REASON_POINTS.get(code, 0.0) for code in weights.reasons)
    )
    return max(1, min(10, floor(1 + points + 0.5)))


def risk(weights: Weights) -> float:
    """Return the risk 0..1 of this going wrong, rounded to three decimals."""
    parts = [
        _SEVERITY_RISK[weights.severity],
        _SENTIMENT_RISK[weights.sentiment],
        0.15 if weights.tier is CustomerTier.VIP else 0.0,
        *([0.1] * min(weights.attempts, 4)),
        *([0.04] * min(weights.other_open, 5)),
        *([0.08] * min(weights.other_angry, 3)),
        # Sorted, so that the floating-point product has one order of factors.
        *sorted(_REASON_RISK.get(code, 0.0) for code in weights.reasons),
    ]
    well = 1.0
    for part in parts:
        well *= 1.0 - part
    return round(1.0 - well, 3)


def _circumstances(weights: Weights) -> tuple[Reason, ...]:
    found: list[Reason] = []
    if weights.tier is CustomerTier.VIP:
        found.append(Reason(ReasonCode.VIP_CUSTOMER, "The customer is a VIP."))
    if weights.attempts:
        times = "once" if weights.attempts == 1 else f"{weights.attempts} times"
        text = f"The customer had to write back {times} after an answer."
        found.append(Reason(ReasonCode.ATTEMPTS, text))
    if weights.other_open:
        noun = "ticket" if weights.other_open == 1 else "tickets"
        text = f"The customer has {weights.other_open} other open {noun}."
        found.append(Reason(ReasonCode.REPEATED_CONTACT, text))
    return tuple(found)
