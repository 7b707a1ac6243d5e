"""No card breaks a limit of Block Kit, however long what it shows."""

from __future__ import annotations

import pytest

from connectors.slack.cards import Card, escalation_card, group_card
from connectors.slack.mrkdwn import escape, fitting
from connectors.slack.outbound import group_reminder, reminder_card
from sidecar.v1 import classification_pb2, escalation_pb2

ADDRESSES = {
    "long": "https://acme.example/" + "a" * 1_900,
    "not so long": "https://acme.example/" + "a" * 400,
    "grows when escaped": "https://acme.example/?" + "a=1&" * 200,
    "none": "",
}
SUBJECTS = {"letters": "s" * 400, "grows when escaped": "<&>" * 150}


def _escalation(number: int, url: str, subject: str) -> escalation_pb2.Escalation:
    reason = classification_pb2.Reason(text="& what else " * 100)
    return escalation_pb2.Escalation(
        escalation_id=f"esc_{number}",
        state=escalation_pb2.ESCALATION_STATE_OPEN,
        level=2,
        ticket_subject=subject,
        ticket_url=url,
        customer_name=subject,
        resolution=subject,
        reasons=[reason] * 8,
    )


def _longest(card: Card) -> int:
    sections = [block for block in card.blocks if block["type"] == "section"]
    texts = [block["text"]["text"] for block in sections if "text" in block]
    return max(map(len, texts))


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
@pytest.mark.parametrize("url", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_section_has_three_thousand_characters_at_most(
    url: str, subject: str
) -> None:
    """Slack refuses the whole message otherwise: nobody would be alerted."""
    many = [_escalation(n, url, subject) for n in range(40)]
    for card in (
        escalation_card(many[0]),
        group_card(many, "grp"),
        reminder_card(many[0]),
        group_reminder(many),
    ):
        assert 0 < _longest(card) <= 3_000
        assert escape(subject[:20]) in str(card.blocks)


def test_what_does_not_fit_is_left_out_in_whole_lines() -> None:
    """Half a link would show its markup; a mark says that something is missing."""
    link = "<https://acme.example/1|one>"
    assert fitting([link] * 5, 100) == f"{link}\n{link}\n{link}\n…"
    assert fitting([link] * 2, 100) == f"{link}\n{link}"
    assert fitting(["x" * 101], 100) == "…"
