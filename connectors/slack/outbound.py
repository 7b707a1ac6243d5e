"""What is said in Slack, from what the sidecar answered; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.slack.cards import Card, section
from connectors.slack.commands import HELP
from connectors.slack.mrkdwn import escape, fitting, line, link
from sidecar.v1 import assist_pb2, escalation_pb2, knowledge_pb2, ticket_pb2

QUOTED = 500
"""Characters of a passage that are quoted; the source is one click away."""
SOURCES = 3
_TURN = 4_000

NOT_LINKED = (
    "I only act for members of your support team. Ask an administrator to add you in"
    " Deskside with the e-mail address of your Slack account; then try again."
)
NOT_ALLOWED = "Your role in Deskside does not allow this. Ask an administrator."
NO_TICKET = "I do not know this ticket. Give its number, as in `summarize 5158`."
GONE = "This escalation is not there any more."
DONE = "Done."


def say(text: str) -> Card:
    """Return a plain sentence of ours as a message."""
    return Card(text, (section(*text.split("\n")),))


def help_card() -> Card:
    """Say what can be asked for."""
    return say(HELP)


def summary_card(ticket: ticket_pb2.Ticket, summary: assist_pb2.Summary) -> Card:
    """Tell where a ticket stands."""
    name = f"{ticket.external_id or ticket.id}: {summary.headline}"
    parts = [f"*{link(ticket.url, name)}*"]
    parts += _part("Problem", [summary.problem] if summary.problem else [])
    parts += _part("Done so far", summary.steps_taken)
    parts += _part("Open questions", summary.open_questions)
    parts += _part("Next steps", summary.next_steps)
    parts += _part("Solved by", [summary.resolution] if summary.resolution else [])
    return Card(line(f"Summary of {name}", 300), (section(*parts),))


def answer_card(question: str, found: assist_pb2.RetrieveResponse) -> Card:
    """Answer from the knowledge base in its own words, or say that it has no answer."""
    if not found.answerable or not found.passages:
        text = f"I found nothing in the knowledge base that answers “{line(question)}”."
        near = [_source(p) for p in found.passages[:SOURCES]]
        nearest = ["The nearest articles, which may not help:", *near] if near else []
        return Card(text, (section(text, *nearest),))
    best = found.passages[0]
    blocks: list[Mapping[str, Any]] = [section(*_quote(best.text))]
    sources = [
        f"[{number}] {_source(passage)}{_age(passage)}"
        for number, passage in enumerate(_distinct(found.passages), 1)
    ]
    blocks.append(
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": escape_joined(sources)}],
        }
    )
    return Card(f"From the knowledge base: {line(best.title)}", tuple(blocks))


def escalated_card(done: assist_pb2.EscalateResponse) -> Card:
    """Confirm that help was called, or say that it was already."""
    subject = line(done.escalation.ticket_subject or done.escalation.ticket_external_id)
    word = "Escalated" if done.created else "This is escalated already"
    return say(f"{word}, level {done.escalation.level}: {subject}")


def too_late(escalation: escalation_pb2.Escalation) -> str:
    """Tell the one who came second what the first one did."""
    state = escalation_pb2.EscalationState.Name(escalation.state)
    word = state.removeprefix("ESCALATION_STATE_").lower()
    by = escalation.assignee_name or escalation.acknowledged_by_name
    return f"Somebody was faster: it is {word}{f' by {line(by, 80)}' if by else ''}."


def failing_card(connector: str, message: str) -> Card:
    """Tell the administrators that a connector has stopped."""
    return say(
        f":warning: The connector *{line(connector, 40)}* fails: {line(message)}"
    )


def recovered_card(connector: str) -> Card:
    """Tell them that it works again."""
    return say(f":white_check_mark: The connector *{line(connector, 40)}* works again.")


def reminder_card(escalation: escalation_pb2.Escalation) -> Card:
    """Remind a channel of an escalation nobody has acknowledged."""
    subject = link(escalation.ticket_url, escalation.ticket_subject or "the ticket")
    return say(
        f":rotating_light: Nobody has acknowledged this yet, now level"
        f" {escalation.level}: {subject}"
    )


def group_reminder(escalations: Sequence[escalation_pb2.Escalation]) -> Card:
    """Remind a channel of the escalations of a spike that nobody has acknowledged."""
    open_state = escalation_pb2.ESCALATION_STATE_OPEN
    waiting = [e for e in escalations if e.state == open_state]
    level = max((e.level for e in waiting), default=1)
    named = [
        f"• {link(e.ticket_url, e.ticket_subject or 'the ticket')}"
        for e in waiting[:SOURCES]
    ]
    more = len(waiting) - len(named)
    rest = [f"… and {more} more"] if more > 0 else []
    title = (
        f":rotating_light: Nobody has acknowledged {len(waiting)} of"
        f" {len(escalations)} escalations yet, now up to level {level}:"
    )
    return say("\n".join([title, *named, *rest]))


def question_ticket(turns: Sequence[tuple[bool, str]]) -> ticket_pb2.Ticket:
    """Turn a thread into a conversation to search with; ``True`` marks our own turns.

    Nothing of it is stored: it is the subject of a search.
    """
    messages = [
        ticket_pb2.Message(
            author=ticket_pb2.Author(
                role=ticket_pb2.AUTHOR_ROLE_AGENT
                if ours
                else ticket_pb2.AUTHOR_ROLE_CUSTOMER
            ),
            body=text[:_TURN],
        )
        for ours, text in turns
    ]
    return ticket_pb2.Ticket(connector="slack", messages=messages)


def escape_joined(lines: Sequence[str]) -> str:
    """Join lines that are mrkdwn already, as many as a context may hold."""
    return fitting(lines, 1_900)


def _distinct(
    passages: Sequence[knowledge_pb2.Passage],
) -> list[knowledge_pb2.Passage]:
    by_document = {p.document_id: p for p in reversed(passages)}
    kept = sorted(by_document.values(), key=lambda p: -p.score)
    return kept[:SOURCES]


def _quote(text: str) -> list[str]:
    return [f"> {part}" for part in escape(text, QUOTED).splitlines()]


def _source(passage: knowledge_pb2.Passage) -> str:
    return link(passage.url, passage.title or passage.source)


def _age(passage: knowledge_pb2.Passage) -> str:
    return " (may be out of date)" if passage.stale else ""


def _part(name: str, lines: Sequence[str]) -> list[str]:
    shown = [f"• {line(text, 300)}" for text in lines[:5]]
    return [f"*{name}*", *shown] if shown else []
