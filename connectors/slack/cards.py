"""The escalation card and the card of a spike, as Block Kit; pure.

A card shows the state it is given and nothing remembered: it is drawn anew from the
escalation each time, so that a late event can never bring an old state back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.slack.mrkdwn import HEADER, escape, fitting, line, link, moment, plain
from sidecar.v1 import escalation_pb2 as pb

ACKNOWLEDGE = "esc_ack"
ASSIGN = "esc_assign"
RESOLVE = "esc_resolve"
RESOLVE_DIALOG = "esc_resolve_modal"
"""A dialog in which somebody says how it was solved."""
ACKNOWLEDGE_ALL = "esc_ack_all"
ACTIONS = "esc_actions"
"""Block id of the buttons; the escalation's id follows after a colon."""
SHOWN_IN_GROUP = 10
"""Escalations a spike's card lists; the rest is a number."""

_STATES = {
    pb.ESCALATION_STATE_OPEN: (":rotating_light:", "Needs someone"),
    pb.ESCALATION_STATE_ACKNOWLEDGED: (":eyes:", "Acknowledged"),
    pb.ESCALATION_STATE_ASSIGNED: (":bust_in_silhouette:", "Assigned"),
    pb.ESCALATION_STATE_RESOLVED: (":white_check_mark:", "Resolved"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A message: blocks for people who look, text for those who listen."""

    text: str
    blocks: tuple[Mapping[str, Any], ...]


def escalation_card(escalation: pb.Escalation) -> Card:
    """Draw an escalation as it stands."""
    emoji, state = _STATES.get(escalation.state, ("", "Escalation"))
    title = f"{state}: escalation, level {escalation.level}"
    blocks: list[Mapping[str, Any]] = [
        _header(f"{emoji} {title}".strip()),
        section(*_what(escalation)),
        _fields(escalation),
    ]
    if escalation.state != pb.ESCALATION_STATE_RESOLVED:
        blocks.append(_actions(escalation))
    blocks.append(_context(_history(escalation)))
    subject = plain(escalation.ticket_subject, 120) or "ticket"
    return Card(escape(f"{title}: {subject}", 300), tuple(blocks))


def group_card(escalations: Sequence[pb.Escalation], group_id: str) -> Card:
    """Draw many escalations of a few minutes as one card; newest first."""
    waiting = [e for e in escalations if e.state == pb.ESCALATION_STATE_OPEN]
    title = f"{len(escalations)} escalations in a short time"
    lines = [f"• {_subject(e)} · {_word(e)}" for e in escalations[:SHOWN_IN_GROUP]]
    if len(escalations) > SHOWN_IN_GROUP:
        lines.append(f"… and {len(escalations) - SHOWN_IN_GROUP} more")
    blocks: list[Mapping[str, Any]] = [
        _header(f":rotating_light: {title}"),
        section(*lines),
        _context(f"{len(waiting)} of them wait. They may have one cause."),
    ]
    if waiting:
        button = _button(ACKNOWLEDGE_ALL, "Acknowledge all", group_id, "primary")
        blocks.append(
            {
                "type": "actions",
                "block_id": f"{ACTIONS}:{group_id}",
                "elements": [button],
            }
        )
    return Card(f"{title}, {len(waiting)} of them wait", tuple(blocks))


def section(*lines: str) -> Mapping[str, Any]:
    """Return a block of as many lines of mrkdwn as Slack takes in one."""
    text = {"type": "mrkdwn", "text": fitting(lines)}
    return {"type": "section", "text": text}


_CONFIRM: Mapping[str, Any] = {
    "title": {"type": "plain_text", "text": "Resolve this escalation?"},
    "text": {"type": "plain_text", "text": "It is closed for everybody."},
    "confirm": {"type": "plain_text", "text": "Resolve"},
    "deny": {"type": "plain_text", "text": "Cancel"},
}


def _subject(escalation: pb.Escalation) -> str:
    subject = escalation.ticket_subject or f"Ticket {escalation.ticket_external_id}"
    return link(escalation.ticket_url, subject, 150)


def _what(escalation: pb.Escalation) -> list[str]:
    reasons = [f"• {line(reason.text, 300)}" for reason in escalation.reasons[:5]]
    return [f"*{_subject(escalation)}*", *reasons]


def _fields(escalation: pb.Escalation) -> Mapping[str, Any]:
    pairs = [
        ("Ticket", escalation.ticket_external_id or escalation.ticket_id),
        ("Customer", escalation.customer_name or "unknown"),
        ("State", _word(escalation)),
        ("Assignee", escalation.assignee_name or escalation.assignee or "nobody yet"),
    ]
    fields = [
        {"type": "mrkdwn", "text": f"*{name}*\n{line(value, 150)}"}
        for name, value in pairs
    ]
    return {"type": "section", "block_id": "esc_fields", "fields": fields}


def _word(escalation: pb.Escalation) -> str:
    return _STATES.get(escalation.state, ("", "unknown"))[1].lower()


def _actions(escalation: pb.Escalation) -> Mapping[str, Any]:
    elements: list[Mapping[str, Any]] = []
    own_id = escalation.escalation_id
    if escalation.state == pb.ESCALATION_STATE_OPEN:
        elements.append(_button(ACKNOWLEDGE, "Acknowledge", own_id, "primary"))
    elements.append(
        {
            "type": "users_select",
            "action_id": ASSIGN,
            "placeholder": {"type": "plain_text", "text": "Assign to"},
        }
    )
    # There is no way back from resolved, so a slip of the finger is asked about.
    elements.append({**_button(RESOLVE, "Resolve", own_id), "confirm": _CONFIRM})
    # A menu has no value of its own, so the block says which escalation it is about.
    return {"type": "actions", "block_id": f"{ACTIONS}:{own_id}", "elements": elements}


def _button(action: str, text: str, value: str, style: str = "") -> Mapping[str, Any]:
    button: dict[str, Any] = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": text},
        "value": value,
    }
    return button | ({"style": style} if style else {})


def _history(escalation: pb.Escalation) -> str:
    parts = [f"Raised {moment(_time(escalation.created_at))}"]
    who = escalation.acknowledged_by_name or escalation.acknowledged_by
    if who:
        parts.append(f"acknowledged by {line(who, 80)}")
    if escalation.resolution:
        parts.append(f"solved by: {line(escalation.resolution, 300)}")
    return " · ".join(parts)


def _time(stamp: Any) -> datetime:
    return datetime.fromtimestamp(stamp.seconds, UTC)


def _header(text: str) -> Mapping[str, Any]:
    text_part = {"type": "plain_text", "text": plain(text, HEADER), "emoji": True}
    return {"type": "header", "text": text_part}


def _context(text: str) -> Mapping[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}
