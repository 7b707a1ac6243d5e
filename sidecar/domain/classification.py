"""What is decided about a ticket: the fields, the reasons and the thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sidecar.domain.reply import Usage
from sidecar.domain.training import TrainedClassifier


class Sentiment(Enum):
    """The customer's tone in the newest turns."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    ANGRY = "angry"


class Severity(Enum):
    """How bad the effect on the customer is, whoever asks and however politely."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Decision(Enum):
    """What may be done with a predicted value, from most to least trusted."""

    AUTOMATE = "automate"
    SELECT = "select"
    SUGGEST = "suggest"
    ABSTAIN = "abstain"


class ReasonCode(Enum):
    """Why something was decided; mirrored by ``sidecar.v1.ReasonCode``."""

    KEYWORD = "keyword"
    VIP_CUSTOMER = "vip_customer"
    REPEATED_CONTACT = "repeated_contact"
    ATTEMPTS = "attempts"
    ANGRY_TONE = "angry_tone"
    NEGATIVE_TONE = "negative_tone"
    POSITIVE_TONE = "positive_tone"
    OUTAGE = "outage"
    DATA_LOSS = "data_loss"
    SECURITY = "security"
    MONEY = "money"
    LEGAL = "legal"
    DEADLINE = "deadline"
    MANY_USERS = "many_users"
    WORKAROUND = "workaround"
    QUESTION_ONLY = "question_only"
    SIMILAR_EXAMPLE = "similar_example"
    LEXICAL_MATCH = "lexical_match"
    DESCRIPTION_MATCH = "description_match"
    NOT_ENOUGH_TEXT = "not_enough_text"
    LANGUAGE_DETECTED = "language_detected"
    RISK = "risk"
    CATEGORY = "category"
    PRIORITY = "priority"
    UNANSWERED = "unanswered"
    MANUAL = "manual"
    TRAINED_MODEL = "trained_model"
    CHURN = "churn"
    LANGUAGE_MODEL = "language_model"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in a ticket: ``field`` is ``subject`` or ``message``.

    Offsets count characters of that field's stored text; ``end`` is exclusive.
    """

    field: str
    start: int
    end: int
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code, a sentence for the agent, and the words it rests on if any."""

    code: ReasonCode
    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value and its calibrated confidence 0..1."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A value, its calibrated confidence 0..1, the top three, and what may be done."""

    value: str
    confidence: float
    alternatives: tuple[Alternative, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Classification:
    """Everything decided about one version (``ticket_etag``) of a ticket."""

    category: Prediction
    intent: Prediction
    sentiment: Sentiment
    severity: Severity
    priority: int
    risk: float
    language: str
    reasons: tuple[Reason, ...]
    engine: str
    model: str
    config_version: str
    id: str = ""
    ticket_id: str = ""
    ticket_etag: str = ""
    sentiment_trend: tuple[Sentiment, ...] = ()
    degraded: bool = False
    created_at: datetime | None = None
    intents: tuple[Alternative, ...] = ()
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least confidence 0..1 for each decision.

    Below ``suggest`` the engine abstains.
    """

    automate: float = 0.95
    select: float = 0.75
    suggest: float = 0.35

    def decide(self, confidence: float) -> Decision:
        """Return the strongest decision this confidence allows."""
        if confidence >= self.automate:
            return Decision.AUTOMATE
        if confidence >= self.select:
            return Decision.SELECT
        if confidence >= self.suggest:
            return Decision.SUGGEST
        return Decision.ABSTAIN


@dataclass(frozen=True, slots=True)
class Label:
    """One allowed value of a taxonomy: its name, what it means and examples of it."""

    name: str
    description: str
    examples: tuple[str, ...] = ()
    parent: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The values ``category`` and ``intent`` may take.

    Every intent's parent is a category. ``trained`` is the classifier that decides
    about intents where one was trained.
    """

    categories: tuple[Label, ...]
    intents: tuple[Label, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    version: str = ""
    etag: str = ""
    trained: TrainedClassifier | None = None
