"""Escalations and the rules that raise them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sidecar.domain.business_hours import BusinessHours
from sidecar.domain.classification import Reason


class EscalationState(Enum):
    """Where an escalation stands; RESOLVED is final."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Escalation:
    """A ticket that somebody must look at now; at most one per ticket is not resolved.

    ``level`` is 1 (team) to 3 (management); ``etag`` changes with every change.
    ``acknowledged_by`` is who reacted first, '' while nobody has.
    """

    id: str
    ticket_id: str
    state: EscalationState
    level: int
    reasons: tuple[Reason, ...]
    assignee: str
    etag: str
    created_at: datetime
    updated_at: datetime
    created_by: str = ""
    note: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EscalationRules:
    """When a classified ticket is escalated; 0 or an empty list turns a rule off.

    ``priority_min`` 1..10; ``risk_min`` 0..1; ``keywords`` match whole words only.
    """

    priority_min: int = 8
    angry: bool = True
    keywords: tuple[str, ...] = (
        "lawyer",
        "attorney",
        "sue",
        "lawsuit",
        "legal action",
        "data breach",
        "gdpr complaint",
        "chargeback",
        "anwalt",
        "avocat",
        "abogado",
        "advogado",
        "avvocato",
    )
    attempts_min: int = 3
    risk_min: float = 0.7
    vip_severity: str = "high"
    categories: tuple[str, ...] = ()
    # Seconds of working time after which a critical ticket counts as unattended.
    unattended_after: int = 24 * 3600
    # Seconds of working time after which an alert climbs one level, each in turn.
    climb_after: tuple[int, ...] = (15 * 60, 30 * 60, 60 * 60)
    hours: BusinessHours = field(default_factory=BusinessHours)
    etag: str = ""
