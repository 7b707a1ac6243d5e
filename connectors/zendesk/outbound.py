"""What to write to a ticket: pure functions from results to one update."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.events import Mode
from connectors.zendesk.marks import TAG_PREFIX
from sidecar.v1 import assist_pb2, classification_pb2, escalation_pb2
from sidecar.v1 import ticket_service_pb2 as tickets_pb2

_LONGEST_NOTE = 20_000
_ANSWERS = (
    classification_pb2.DECISION_AUTOMATE,
    classification_pb2.DECISION_SELECT,
    classification_pb2.DECISION_SUGGEST,
)
_SURE = (classification_pb2.DECISION_AUTOMATE, classification_pb2.DECISION_SELECT)
_LOOK_NOW = 0.7
_PRIORITIES = ((9, "urgent"), (7, "high"), (4, "normal"), (1, "low"))
_SPACE = re.compile(r"\s+")
_NOT_A_TAG = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything the sidecar found out that may concern an agent."""

    classification: classification_pb2.Classification
    draft: assist_pb2.Draft | None = None
    similar: Sequence[tickets_pb2.SimilarTicket] = ()
    escalation: escalation_pb2.Escalation | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One update of a ticket: fields and tags, and a private note with a mark."""

    note: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags that are added."""
        return tuple(self.fields.get("additional_tags", ()))

    def facts(self) -> dict[str, Any]:
        """Return what would be written, without anybody's words."""
        return {"note_length": len(self.note), **self.fields}


def plan(
    finding: Finding,
    mode: Mode,
    mark: str,
    *,
    automate_fields: Sequence[str] = (),
    tags: Sequence[str] = (),
    priority: str = "",
) -> Plan:
    """Return what to write; ``tags`` and ``priority`` are what the ticket has.

    Our own tags come with every note. Priority and the plain tag of the category are
    written in mode AUTOMATE only, where the administrator allowed it and the
    sidecar's decision is AUTOMATE.
    """
    found = finding.classification
    wanted = [TAG_PREFIX]
    if found.category.value and found.category.decision in _SURE:
        wanted.append(f"{TAG_PREFIX}-{_tag(found.category.value)}")
    if found.risk > _LOOK_NOW:
        wanted.append(f"{TAG_PREFIX}-look-now")
    if finding.escalation is not None:
        wanted.append(f"{TAG_PREFIX}-escalated")
    fields: dict[str, Any] = {}
    sure = found.category.decision == classification_pb2.DECISION_AUTOMATE
    if mode is Mode.AUTOMATE and sure:
        if "tags" in automate_fields and found.category.value:
            wanted.append(_tag(found.category.value))
        word = priority_word(found.priority)
        if "priority" in automate_fields and word and word != priority:
            fields["priority"] = word
    missing = [tag for tag in dict.fromkeys(wanted) if tag not in tags]
    if missing:
        fields["additional_tags"] = missing
    return Plan(note_text(finding, mark), fields)


def priority_word(priority: int) -> str:
    """Return Zendesk's word for a priority of 1..10, '' for none."""
    return next((word for least, word in _PRIORITIES if priority >= least), "")


def note_text(finding: Finding, mark: str) -> str:
    """Return the private note for the agent: plain text, our mark last."""
    parts = [_headline(finding.classification), *_reasons(finding.classification)]
    if finding.escalation is not None:
        parts.append(f"Escalated, level {finding.escalation.level}.")
    parts += _draft(finding.draft)
    parts += _similar(finding.similar)
    text = "\n".join(parts)[: _LONGEST_NOTE - len(mark) - 2]
    return f"{text}\n\n{mark}"


def escalation_note(escalation: escalation_pb2.Escalation, verb: str, mark: str) -> str:
    """Return the private note about what became of an escalation."""
    who = _line(escalation.assignee_name)
    parts = [f"Deskside: the escalation (level {escalation.level}) was {verb}"]
    if verb == "assigned" and who:
        parts.append(f" to {who}")
    parts.append(".")
    if verb == "resolved" and escalation.resolution:
        parts.append(f"\n{_line(escalation.resolution, 1000)}")
    return f"{''.join(parts)}\n\n{mark}"


def _headline(found: classification_pb2.Classification) -> str:
    words = []
    for prediction in (found.category, found.intent):
        if prediction.value and prediction.decision in _ANSWERS:
            percent = round(100 * prediction.confidence)
            words.append(f"{prediction.value} ({percent} %)")
    severity = classification_pb2.Severity.Name(found.severity)
    mood = classification_pb2.Sentiment.Name(found.sentiment)
    words.append(f"priority {found.priority} of 10")
    words.append(f"severity {severity.removeprefix('SEVERITY_').lower()}")
    words.append(f"mood {mood.removeprefix('SENTIMENT_').lower()}")
    words.append(f"risk {found.risk:.2f}")
    return "Deskside: " + " · ".join(words)


def _reasons(found: classification_pb2.Classification) -> list[str]:
    texts = [_line(reason.text, 200) for reason in found.reasons[:3] if reason.text]
    # Reasons are sentences; each loses its point before it gets a semicolon.
    return [f"Why: {'; '.join(t.rstrip('.') for t in texts)}."] if texts else []


def _draft(draft: assist_pb2.Draft | None) -> list[str]:
    if draft is None:
        return []
    if draft.outcome == assist_pb2.DRAFT_OUTCOME_NEEDS_HUMAN or not draft.text:
        why = _line(draft.blocker_text, 300)
        return ["", f"No reply suggested. {why}".rstrip()]
    ready = draft.outcome == assist_pb2.DRAFT_OUTCOME_READY
    title = "Suggested reply:" if ready else "A start for a reply, please check:"
    lines = ["", title, draft.text.strip()]
    sources = [
        f"[{citation.marker}] {_line(citation.title, 150)} {citation.url}".rstrip()
        for citation in draft.citations[:5]
    ]
    return [*lines, "Sources:", *sources] if sources else lines


def _similar(found: Sequence[tickets_pb2.SimilarTicket]) -> list[str]:
    lines = []
    for ticket in found[:3]:
        line = f"#{ticket.external_id} {_line(ticket.subject, 100)}"
        if ticket.resolution:
            line += f": {_line(ticket.resolution, 200)}"
        lines.append(line)
    return ["", "Similar tickets:", *lines] if lines else []


def _line(text: str, longest: int = 200) -> str:
    return _SPACE.sub(" ", text).strip()[:longest]


def _tag(value: str) -> str:
    return _NOT_A_TAG.sub("-", value.lower()).strip("-")[:60]
