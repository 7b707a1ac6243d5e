"""Classify a ticket, and escalate it when a rule says so."""

from __future__ import annotations

from dataclasses import replace

from sidecar.domain.access import Principal
from sidecar.domain.classification import (
    Classification,
    ReasonCode,
    Severity,
    Taxonomy,
)
from sidecar.domain.escalation import EscalationRules
from sidecar.domain.escalation_rules import broken_rules, level_for
from sidecar.domain.priority import priority_of, risk_of
from sidecar.domain.ticket import CustomerHistory, Ticket
from sidecar.llm.port import Signals
from sidecar.store.port import Transaction
from sidecar.usecases.commands import Classified
from sidecar.usecases.escalate import escalate_by_rules
from sidecar.usecases.harmless import as_read, locally
from sidecar.usecases.ports import Finish, Ports, Target
from sidecar.usecases.quarantine import hold, suspects
from sidecar.usecases.record import audit, event
from sidecar.usecases.targets import history_of, resolving
from sidecar.usecases.taxonomy import current_rules, current_taxonomy

_GRAVITY = tuple(Severity)
_ALARMS = frozenset(
    {
        ReasonCode.KEYWORD,
        ReasonCode.OUTAGE,
        ReasonCode.DATA_LOSS,
        ReasonCode.SECURITY,
        ReasonCode.MONEY,
        ReasonCode.LEGAL,
        ReasonCode.DEADLINE,
        ReasonCode.MANY_USERS,
    }
)


def classify(
    ports: Ports, caller: Principal, target: Target, finish: Finish[Classified]
) -> Classified:
    """Decide category, intent, tone, severity, priority and risk of a ticket.

    Ticket, classification, escalation, audit line and events are one transaction.
    Raises ``LookElsewhere(TICKET_NOT_FOUND)`` for an id that is not there.
    """
    with resolving(ports, caller, target) as (ticket, tx):
        taxonomy = current_taxonomy(tx, caller.workspace)
        rules = current_rules(tx, caller.workspace)
        history = history_of(tx, caller, ticket)
    decided = decide(ports, caller, ticket, taxonomy, rules, history)
    with ports.store.transaction() as tx:
        result = _keep(tx, ports, caller, ticket, decided, rules)
        finish(tx, result)
    return result


def decide(
    ports: Ports,
    caller: Principal,
    ticket: Ticket,
    taxonomy: Taxonomy,
    rules: EscalationRules,
    history: CustomerHistory | None,
) -> Classification:
    """Ask the engine and do the arithmetic; nothing is stored."""
    signals = _signals(ports, caller, ticket, taxonomy, history)
    priority, circumstances = priority_of(signals, ticket, history)
    risk, warning = risk_of(signals, ticket, history)
    return Classification(
        category=signals.category,
        intent=signals.intent,
        intents=signals.intents,
        sentiment=signals.sentiment,
        sentiment_trend=signals.sentiment_trend,
        severity=signals.severity,
        priority=priority,
        risk=risk,
        language=signals.language,
        reasons=signals.reasons + circumstances + warning,
        engine=signals.engine or ports.engine.name,
        model=signals.model or ports.engine.model,
        degraded=signals.degraded,
        usage=signals.usage,
        config_version=f"taxonomy:{taxonomy.version} rules:{rules.etag or 'default'}",
        ticket_id=ticket.id,
        ticket_etag=ticket.etag,
        created_at=ports.clock.now(),
    )


def _signals(
    ports: Ports,
    caller: Principal,
    ticket: Ticket,
    taxonomy: Taxonomy,
    history: CustomerHistory | None,
) -> Signals:
    """Read the ticket; of a suspicious one tone and category are read without orders.

    Severity is the graver one of both readings: "ignore this, production is down" may
    be an order, but nobody shall be able to hide an outage behind it.
    """
    safe = as_read(ports, caller, ticket)
    if safe is ticket:
        return ports.engine.read(ticket, taxonomy, history)
    engine = locally(ports, caller)
    calm = engine.read(safe, taxonomy, history)
    whole = engine.read(ticket, taxonomy, history)
    if _GRAVITY.index(whole.severity) <= _GRAVITY.index(calm.severity):
        return calm
    known = {(reason.code, reason.text) for reason in calm.reasons}
    more = (r for r in whole.reasons if (r.code, r.text) not in known)
    alarms = tuple(reason for reason in more if reason.code in _ALARMS)
    return replace(calm, severity=whole.severity, reasons=(*alarms, *calm.reasons))


def _keep(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    ticket: Ticket,
    decided: Classification,
    rules: EscalationRules,
) -> Classified:
    workspace = caller.workspace
    stored = tx.classifications.add(workspace, decided)
    event(
        tx,
        caller,
        "ticket.classified",
        ticket.id,
        classification_id=stored.id,
        category=stored.category.value,
        priority=stored.priority,
        severity=stored.severity.value,
    )
    audit(tx, ports, caller, "ticket.classify", ticket.id, stored.id)
    hold(tx, ports, caller, suspects(ports, ticket))
    reasons = broken_rules(rules, ticket, stored)
    level = level_for(stored)
    escalation = escalate_by_rules(tx, ports, caller, ticket, level, reasons)
    return Classified(stored, ticket, escalation)
