"""After the storm: what was accepted against what it led to, inside and outside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import create_engine, text

from plugin_ui.doubles.slack import SlackDouble
from plugin_ui.doubles.zendesk import BOT, CUSTOMER, ZendeskDouble
from tests.storm.senders import Ledger

_MARK = re.compile(r"\[deskside:[0-9a-f]+\]")

_EVENTS = "SELECT source, source_event_id FROM events WHERE source <> 'deskside'"
_STATES = "SELECT state, COUNT(*) FROM deliveries GROUP BY state"
_FAILED = (
    "SELECT error_reason, COUNT(*) FROM deliveries"
    " WHERE error_reason <> '' GROUP BY error_reason"
)
_CLASSIFIED_TWICE = (
    "SELECT COUNT(*) FROM (SELECT ticket_id, ticket_etag FROM classifications"
    " GROUP BY ticket_id, ticket_etag HAVING COUNT(*) > 1) AS doubled"
)
_ESCALATED_TWICE = (
    "SELECT COUNT(*) FROM (SELECT ticket_id FROM escalations"
    " GROUP BY ticket_id HAVING COUNT(*) > 1) AS doubled"
)


def inside(database_url: str, ledger: Ledger) -> dict[str, Any]:
    """Count in the database: events without a row or an end, and double effects.

    ``failed_once`` has what went wrong last with deliveries, most of them done since.
    """
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(text(_EVENTS)).all()
        stored = Counter((_text(source), _text(own_id)) for source, own_id in rows)
        states = {
            _text(state): int(number)
            for state, number in connection.execute(text(_STATES)).all()
        }
        failed = {
            _text(reason): int(number)
            for reason, number in connection.execute(text(_FAILED)).all()
        }
        classified = connection.execute(text(_CLASSIFIED_TWICE)).scalar_one()
        raised = connection.execute(text(_ESCALATED_TWICE)).scalar_one()
    engine.dispose()
    sent_by_vendors = {key for key in stored if _came_by_webhook(key)}
    return {
        "accepted": len(ledger.accepted),
        "lost": len(set(ledger.accepted) - set(stored)),
        "unexpected": len(sent_by_vendors - ledger.sent),
        "stored_twice": sum(count - 1 for count in stored.values()),
        "not_done": sum(n for state, n in states.items() if state != "done"),
        "dead": states.get("dead", 0),
        "classified_twice": int(classified),
        "escalated_twice": int(raised),
        "deliveries": sum(states.values()),
        "failed_once": failed,
    }


def _text(value: str | bytes) -> str:
    """Return a column that MySQL keeps as bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _came_by_webhook(key: tuple[str, str]) -> bool:
    """Say whether an event is one of a webhook; the poll's have names of their own."""
    source, event_id = key
    return source == "slack" or re.fullmatch(r"[0-9a-f-]{36}", event_id) is not None


def at_zendesk(double: ZendeskDouble, tickets: Iterable[int]) -> dict[str, int]:
    """Count notes: one for every state that waits for an agent, none twice."""
    doubled = unanswered = notes = 0
    for number in tickets:
        comments = double.desk.comments[number]
        marks = Counter(
            mark
            for comment in comments
            if comment["author_id"] == BOT
            for mark in _MARK.findall(comment["body"])
        )
        notes += sum(marks.values())
        doubled += sum(count - 1 for count in marks.values())
        last = max(at for at, c in enumerate(comments) if c["author_id"] == CUSTOMER)
        answered = any(
            comment["author_id"] == BOT and "priority" in comment["body"]
            for comment in comments[last + 1 :]
        )
        unanswered += not answered
    strangers = set(double.desk.tickets) - set(tickets)
    unexpected = sum(len(double.desk.notes(number)) for number in strangers)
    return {
        "tickets": len(list(tickets)),
        "notes": notes,
        "lost": unanswered,
        "doubled": doubled,
        "unexpected": unexpected,
    }


def at_slack(double: SlackDouble, questions: Iterable[str]) -> dict[str, int]:
    """Count messages by mark: one for each question and each card.

    ``doubled`` is how many are too many in all, ``most`` how often one came.
    """
    marks: Counter[str] = Counter()
    answered: set[str] = set()
    with double.lock:
        messages: list[dict[str, Any]] = []
        for channel in double.messages.values():
            messages += channel
    for message in messages:
        mark = message.get("metadata", {}).get("event_payload", {}).get("mark", "")
        if mark:
            marks[mark] += 1
            answered.add(str(message.get("thread_ts", "")))
    asked = set(questions)
    threads = {thread for thread in answered if thread}
    return {
        "questions": len(asked),
        "messages": sum(marks.values()),
        "lost": len(asked - threads),
        "doubled": sum(count - 1 for count in marks.values()),
        "most": max(marks.values(), default=0),
        "unexpected": len(threads - asked),
    }
