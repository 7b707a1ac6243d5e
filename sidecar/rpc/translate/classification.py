"""What was found out about a ticket, and escalations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.domain.classification import Sentiment
from sidecar.rpc.translate import enums
from sidecar.rpc.translate.tickets import stamp
from sidecar.v1 import classification_pb2, common_pb2, escalation_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar.domain.classification import Classification, Prediction, Reason
    from sidecar.domain.escalation import Escalation
    from sidecar.domain.reply import Usage
    from sidecar.domain.ticket import Ticket

_MOOD = {
    Sentiment.POSITIVE: 3,
    Sentiment.NEUTRAL: 2,
    Sentiment.NEGATIVE: 1,
    Sentiment.ANGRY: 0,
}


def outgoing(
    found: Classification, ticket: Ticket
) -> classification_pb2.Classification:
    """Return a classification of ``ticket`` as the contract has it."""
    return classification_pb2.Classification(
        category=_prediction(found.category),
        intent=_prediction(found.intent),
        sentiment=enums.SENTIMENT[found.sentiment],
        severity=enums.SEVERITY[found.severity],
        priority=found.priority,
        risk=found.risk,
        language=found.language or "und",
        reasons=[outgoing_reason(reason) for reason in found.reasons],
        engine=enums.engine(found.engine),
        model=found.model,
        config_version=found.config_version,
        classification_id=found.id,
        ticket_id=found.ticket_id,
        ticket_etag=found.ticket_etag,
        sentiment_trend=trend(found.sentiment_trend),
        warnings=[common_pb2.WARNING_DEGRADED] if found.degraded else [],
        usage=usage(found.usage),
        created_at=stamp(found.created_at),
        intents=[
            classification_pb2.Alternative(value=a.value, confidence=a.confidence)
            for a in found.intents
        ],
        attempts=ticket.attempts + 1,
    )


def usage(found: Usage) -> common_pb2.Usage:
    """Return what a piece of work consumed."""
    return common_pb2.Usage(
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        cost_micros_usd=found.cost_micros_usd,
    )


def outgoing_reason(reason: Reason) -> classification_pb2.Reason:
    """Return a reason with the words it rests on."""
    made = classification_pb2.Reason(code=enums.REASON[reason.code], text=reason.text)
    if (field := enums.REASON_FIELD.get(reason.code)) is not None:
        made.field = field
    if reason.span is not None:
        made.span.start, made.span.end = reason.span.start, reason.span.end
        if reason.span.message_id:
            made.span.message_id = reason.span.message_id
        else:
            made.span.field = reason.span.field
    return made


def trend(moods: tuple[Sentiment, ...]) -> classification_pb2.SentimentTrend.ValueType:
    """Say whether the newest mood is better or worse than the first."""
    change = _MOOD[moods[-1]] - _MOOD[moods[0]] if moods else 0
    if change > 0:
        return classification_pb2.SENTIMENT_TREND_IMPROVING
    if change < 0:
        return classification_pb2.SENTIMENT_TREND_WORSENING
    return classification_pb2.SENTIMENT_TREND_STABLE


def outgoing_escalation(
    found: Escalation,
    ticket: Ticket | None = None,
    names: Mapping[str, str] | None = None,
) -> escalation_pb2.Escalation:
    """Return an escalation, with what names its ticket where that is at hand."""
    made = escalation_pb2.Escalation(
        escalation_id=found.id,
        ticket_id=found.ticket_id,
        state=enums.ESCALATION_STATE[found.state],
        level=found.level,
        reasons=[outgoing_reason(reason) for reason in found.reasons],
        assignee=found.assignee,
        etag=found.etag,
        created_at=stamp(found.created_at),
        updated_at=stamp(found.updated_at),
        created_by=found.created_by,
        resolution=found.note
        if enums.ESCALATION_STATE[found.state]
        == escalation_pb2.ESCALATION_STATE_RESOLVED
        else "",
        acknowledged_by=found.acknowledged_by,
        acknowledged_at=stamp(found.acknowledged_at),
        resolved_at=stamp(found.resolved_at),
    )
    if names:
        made.assignee_name = names.get(found.assignee, "")
        made.acknowledged_by_name = names.get(found.acknowledged_by, "")
    if ticket is not None:
        made.ticket_external_id = ticket.external_id
        made.ticket_subject = ticket.subject
        made.ticket_url = ticket.url
        made.connector = ticket.connector
        made.customer_name = ticket.customer.name or ticket.customer.email
    return made


def _prediction(found: Prediction) -> classification_pb2.Prediction:
    return classification_pb2.Prediction(
        value=found.value,
        confidence=found.confidence,
        alternatives=[
            classification_pb2.Alternative(value=a.value, confidence=a.confidence)
            for a in found.alternatives
        ],
        decision=enums.DECISION[found.decision],
    )
