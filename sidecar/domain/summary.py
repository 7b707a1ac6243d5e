"""Summaries of conversations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from sidecar.domain.classification import Sentiment
from sidecar.domain.reply import Usage, Warning


class SummaryKind(Enum):
    """Who the summary is for: a glance, the next agent, or the record."""

    BRIEF = "brief"
    HANDOVER = "handover"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """Something somebody promised or was asked to do."""

    text: str
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The conversation in short; every list is in the order of the conversation."""

    headline: str
    problem: str
    steps_taken: tuple[str, ...]
    open_questions: tuple[str, ...]
    next_steps: tuple[str, ...]
    action_items: tuple[ActionItem, ...]
    resolution: str
    sentiment_trend: tuple[Sentiment, ...]
    language: str
    engine: str
    model: str
    kind: SummaryKind = SummaryKind.BRIEF
    truncated: bool = False
    warnings: tuple[Warning, ...] = ()
    usage: Usage = field(default_factory=Usage)
