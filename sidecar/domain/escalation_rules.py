"""Which rules a classified ticket breaks, and how high it is escalated."""

from __future__ import annotations

import re
from functools import lru_cache

from sidecar.domain.classification import (
    Classification,
    Reason,
    ReasonCode,
    Sentiment,
    Severity,
    Span,
)
from sidecar.domain.escalation import EscalationRules
from sidecar.domain.ticket import CustomerTier, Ticket

VENDOR_PRIORITY = {"urgent": 9, "critical": 9, "high": 7, "normal": 4, "low": 1}
"""Least priority 1..10 that a helpdesk's word stands for; other words say nothing."""

_SEVERITY_ORDER = list(Severity)


def broken_rules(
    rules: EscalationRules, ticket: Ticket, found: Classification
) -> tuple[Reason, ...]:
    """Return one reason per rule that asks for escalation, in a fixed order.

    A bound of 0 or an empty list turns its rule off. Keywords match whole words of
    the subject and of what the customer wrote, never parts of words.
    """
    reasons: list[Reason] = []
    if rules.priority_min and found.priority >= rules.priority_min:
        text = f"Priority {found.priority} reaches the limit of {rules.priority_min}."
        reasons.append(Reason(ReasonCode.PRIORITY, text))
    reasons.extend(_helpdesks_priority(rules, ticket))
    if rules.angry and found.sentiment is Sentiment.ANGRY:
        reasons.append(Reason(ReasonCode.ANGRY_TONE, "The customer is angry."))
    reasons.extend(_keywords(rules.keywords, ticket))
    if rules.attempts_min and ticket.attempts >= rules.attempts_min:
        text = f"The customer came back {ticket.attempts} times after an answer."
        reasons.append(Reason(ReasonCode.ATTEMPTS, text))
    if rules.risk_min and found.risk >= rules.risk_min:
        text = f"Risk {found.risk:.2f} reaches the limit of {rules.risk_min:.2f}."
        reasons.append(Reason(ReasonCode.RISK, text))
    if _is_vip_case(rules, ticket, found.severity):
        text = f"A VIP customer reports a problem of severity {found.severity.value}."
        reasons.append(Reason(ReasonCode.VIP_CUSTOMER, text))
    if found.category.value in rules.categories:
        text = f"Tickets about {found.category.value} are always escalated."
        reasons.append(Reason(ReasonCode.CATEGORY, text))
    return tuple(reasons)


def raised_in_helpdesk(
    rules: EscalationRules, before: Ticket, after: Ticket
) -> tuple[Reason, ...]:
    """Return why a change of the helpdesk's own priority asks for escalation.

    Only reaching the limit counts: an escalation that was resolved stays so while the
    priority is above it, and when it falls.
    """
    if _helpdesks_priority(rules, before):
        return ()
    return _helpdesks_priority(rules, after)


def level_for(found: Classification) -> int:
    """Return the escalation level 1..3.

    3 for critical, 2 for high or risk from 0.85.
    """
    if found.severity is Severity.CRITICAL:
        return 3
    if found.severity is Severity.HIGH or found.risk >= 0.85:
        return 2
    return 1


def _helpdesks_priority(rules: EscalationRules, ticket: Ticket) -> tuple[Reason, ...]:
    word = ticket.vendor_priority.strip().lower()
    if not rules.priority_min or VENDOR_PRIORITY.get(word, 0) < rules.priority_min:
        return ()
    text = f"Priority “{word}” in the helpdesk reaches the limit"
    return (Reason(ReasonCode.PRIORITY, f"{text} of {rules.priority_min}."),)


def _is_vip_case(rules: EscalationRules, ticket: Ticket, severity: Severity) -> bool:
    if ticket.customer.tier is not CustomerTier.VIP or not rules.vip_severity:
        return False
    least = Severity(rules.vip_severity)
    return _SEVERITY_ORDER.index(severity) >= _SEVERITY_ORDER.index(least)


def _keywords(keywords: tuple[str, ...], ticket: Ticket) -> list[Reason]:
    pattern = _pattern(keywords)
    if pattern is None:
        return []
    places = [("subject", "", ticket.subject)]
    places += [
        ("message", m.id or m.external_id, m.body) for m in ticket.customer_messages
    ]
    reasons: dict[str, Reason] = {}
    for field, message_id, text in places:
        for match in pattern.finditer(text):
            word = match.group().lower()
            span = Span(field, match.start(), match.end(), message_id)
            text_for_agent = f"The customer wrote “{word}”."
            reasons.setdefault(word, Reason(ReasonCode.KEYWORD, text_for_agent, span))
    return list(reasons.values())


@lru_cache(maxsize=256)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str] | None:
    words = [re.escape(word.strip()) for word in keywords if word.strip()]
    if not words:
        return None
    words.sort(key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
