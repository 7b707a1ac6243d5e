"""Enum numbers of the contract ↔ words of the domain, each table in one place.

What a request leaves UNSPECIFIED has a meaning that the proto states; an answer
never says UNSPECIFIED.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from sidecar.domain.access import Role
from sidecar.domain.classification import Decision, ReasonCode, Sentiment, Severity
from sidecar.domain.escalation import EscalationState
from sidecar.domain.knowledge import DocumentState, SearchMode, Visibility
from sidecar.domain.quarantine import QuarantineState
from sidecar.domain.reply import Blocker, Outcome, Purpose, Tone, Warning
from sidecar.domain.summary import SummaryKind
from sidecar.domain.ticket import AuthorRole, CustomerTier, FeedbackKind, TicketStatus
from sidecar.v1 import (
    access_pb2,
    assist_pb2,
    classification_pb2,
    common_pb2,
    escalation_pb2,
    knowledge_pb2,
    policy_pb2,
    ticket_pb2,
    ticket_service_pb2,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

E = TypeVar("E", bound=Enum)


def _by_name(wire: Any, prefix: str, words: Iterable[E]) -> dict[E, Any]:
    return {word: wire.Value(f"{prefix}_{word.name}") for word in words}


def _back(table: Mapping[E, Any], unspecified: E | None = None) -> dict[int, E]:
    known: dict[int, E] = {int(number): word for word, number in table.items()}
    if unspecified is not None:
        known[0] = unspecified
    return known


VISIBILITY = _by_name(common_pb2.Visibility, "VISIBILITY", Visibility)
VISIBILITY_IN = _back(VISIBILITY, Visibility.INTERNAL)
DECISION = _by_name(classification_pb2.Decision, "DECISION", Decision)
SENTIMENT = _by_name(classification_pb2.Sentiment, "SENTIMENT", Sentiment)
SENTIMENT_FILTER = {0: "", **{n: w.value for n, w in _back(SENTIMENT).items()}}
SEVERITY = _by_name(classification_pb2.Severity, "SEVERITY", Severity)
SEVERITY_FILTER = {0: "", **{n: w.value for n, w in _back(SEVERITY).items()}}
SEARCH_MODE = _by_name(assist_pb2.RetrievalMode, "RETRIEVAL_MODE", SearchMode)
SEARCH_MODE_IN = _back(SEARCH_MODE, SearchMode.HYBRID)
PURPOSE = _by_name(assist_pb2.DraftPurpose, "DRAFT_PURPOSE", Purpose)
PURPOSE_IN = _back(PURPOSE, Purpose.INITIAL_RESPONSE)
OUTCOME = _by_name(assist_pb2.DraftOutcome, "DRAFT_OUTCOME", Outcome)
SUMMARY_KIND = _by_name(assist_pb2.SummaryKind, "SUMMARY_KIND", SummaryKind)
SUMMARY_KIND_IN = _back(SUMMARY_KIND, SummaryKind.BRIEF)
AUTHOR_ROLE = _by_name(ticket_pb2.AuthorRole, "AUTHOR_ROLE", AuthorRole)
AUTHOR_ROLE_IN = _back(AUTHOR_ROLE, AuthorRole.CUSTOMER)
TIER = _by_name(ticket_pb2.CustomerTier, "CUSTOMER_TIER", CustomerTier)
TIER_IN = _back(TIER, CustomerTier.STANDARD)
ESCALATION_STATE = _by_name(
    escalation_pb2.EscalationState, "ESCALATION_STATE", EscalationState
)
ESCALATION_STATE_IN = _back(ESCALATION_STATE)
QUARANTINE_STATE = _by_name(
    policy_pb2.QuarantineState, "QUARANTINE_STATE", QuarantineState
)
QUARANTINE_STATE_IN = _back(QUARANTINE_STATE)
DOCUMENT_STATE = _by_name(knowledge_pb2.DocumentState, "DOCUMENT_STATE", DocumentState)
DOCUMENT_STATE_IN = _back(DOCUMENT_STATE)
FEEDBACK_IN = _back(
    _by_name(ticket_service_pb2.FeedbackKind, "FEEDBACK_KIND", FeedbackKind)
)

# The domain has one word fewer than the contract: matter-of-fact replies are concise.
TONE = {
    Tone.FRIENDLY: assist_pb2.TONE_FRIENDLY,
    Tone.FORMAL: assist_pb2.TONE_FORMAL,
    Tone.EMPATHETIC: assist_pb2.TONE_EMPATHETIC,
    Tone.CONCISE: assist_pb2.TONE_NEUTRAL,
}
TONE_IN: dict[int, Tone | None] = {0: None, **_back(TONE)}

STATUS = _by_name(ticket_pb2.TicketStatus, "TICKET_STATUS", TicketStatus)
# On hold also waits for somebody, and spam needs no answer.
STATUS_IN = _back(STATUS, TicketStatus.OPEN) | {
    ticket_pb2.TICKET_STATUS_ON_HOLD: TicketStatus.PENDING,
    ticket_pb2.TICKET_STATUS_SPAM: TicketStatus.CLOSED,
}

# A panel's key is no person's role; people never see one.
ROLE = {
    role: access_pb2.Role.Value(f"ROLE_{role.name}")
    for role in Role
    if f"ROLE_{role.name}" in access_pb2.Role.keys()  # noqa: SIM118 - no dict
}
ROLE_IN = _back(ROLE)

BLOCKER = {
    word: assist_pb2.Blocker.Value(f"BLOCKER_{word.name}")
    for word in Blocker
    if word is not Blocker.NONE
}

_WARNING_NAMES = {
    Warning.SOURCE_LANGUAGE_DIFFERS: "LANGUAGE_UNSUPPORTED",
    Warning.CUSTOMER_ANGRY: "",
    Warning.INTERNAL_SOURCE_EXISTS: "",
    Warning.SENTENCE_DROPPED: "UNSUPPORTED_SENTENCE_DROPPED",
}
# A warning the contract has no number for is left out, not turned into another.
WARNING = {
    word: common_pb2.Warning.Value(f"WARNING_{name}")
    for word in Warning
    if (name := _WARNING_NAMES.get(word, word.name))
    and f"WARNING_{name}" in common_pb2.Warning.keys()  # noqa: SIM118 - no dict
}

_REASON_NAMES = {
    ReasonCode.LEGAL: "CHURN_OR_LEGAL",
    ReasonCode.CHURN: "CHURN_OR_LEGAL",
    ReasonCode.DESCRIPTION_MATCH: "LEXICAL_MATCH",
    ReasonCode.NOT_ENOUGH_TEXT: "TOO_LITTLE_TEXT",
    ReasonCode.QUESTION_ONLY: "SEVERITY",
    ReasonCode.WORKAROUND: "SEVERITY",
}
REASON = {
    word: classification_pb2.ReasonCode.Value(
        f"REASON_CODE_{_REASON_NAMES.get(word, word.name)}"
    )
    for word in ReasonCode
}

_Field = classification_pb2.ClassificationField
# Which part of a classification a reason speaks for, where that is always the same.
REASON_FIELD = {
    ReasonCode.ANGRY_TONE: _Field.CLASSIFICATION_FIELD_SENTIMENT,
    ReasonCode.NEGATIVE_TONE: _Field.CLASSIFICATION_FIELD_SENTIMENT,
    ReasonCode.POSITIVE_TONE: _Field.CLASSIFICATION_FIELD_SENTIMENT,
    ReasonCode.OUTAGE: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.DATA_LOSS: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.SECURITY: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.MONEY: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.MANY_USERS: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.WORKAROUND: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.QUESTION_ONLY: _Field.CLASSIFICATION_FIELD_SEVERITY,
    ReasonCode.VIP_CUSTOMER: _Field.CLASSIFICATION_FIELD_PRIORITY,
    ReasonCode.DEADLINE: _Field.CLASSIFICATION_FIELD_PRIORITY,
    ReasonCode.RISK: _Field.CLASSIFICATION_FIELD_RISK,
    ReasonCode.LANGUAGE_DETECTED: _Field.CLASSIFICATION_FIELD_LANGUAGE,
    ReasonCode.SIMILAR_EXAMPLE: _Field.CLASSIFICATION_FIELD_INTENT,
    ReasonCode.LEXICAL_MATCH: _Field.CLASSIFICATION_FIELD_INTENT,
    ReasonCode.DESCRIPTION_MATCH: _Field.CLASSIFICATION_FIELD_INTENT,
    ReasonCode.TRAINED_MODEL: _Field.CLASSIFICATION_FIELD_INTENT,
}

_CHANNELS = ("email", "web", "chat", "phone", "social", "slack", "api")
CHANNEL = {
    name: ticket_pb2.Channel.Value(f"CHANNEL_{name.upper()}") for name in _CHANNELS
}
CHANNEL_IN: dict[int, str] = {0: "", ticket_pb2.CHANNEL_UNKNOWN: ""} | {
    int(number): name for name, number in CHANNEL.items()
}

AUDIENCE_IN: dict[int, bool] = {
    common_pb2.AUDIENCE_UNSPECIFIED: False,
    common_pb2.AUDIENCE_AGENT: False,
    common_pb2.AUDIENCE_CUSTOMER: True,
}
ENGINES = {int(number) for number in common_pb2.Engine.values()}


def engine(name: str) -> Any:
    """Return the engine's number; everything but the local one is a language model."""
    return common_pb2.ENGINE_LOCAL if name == "local" else common_pb2.ENGINE_LLM
