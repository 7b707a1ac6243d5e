"""Summaries: headlines of long questions, and short records of conversations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sidecar.domain.summary import SummaryKind
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, mean, rouge1
from sidecar.evaluation.measures import Say

_TURN = re.compile(r"(?m)^\s*(Doctor|Patient|Guest\w*|[A-Z]\w+)\s*:\s*")


def meqsum(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure ROUGE-1 of the headline against the one-line question."""
    engine = desk.ports.engine
    scores = []
    rows = _lines(data / "meqsum" / "questions.jsonl")
    say(f"{len(rows)} questions")
    for row in rows:
        subject, body = _mail(row["message"])
        message = Message("m", Author(AuthorRole.CUSTOMER), body)
        ticket = Ticket("t", "eval", subject, (message,))
        found = engine.summarize(ticket, SummaryKind.BRIEF, "en")
        scores.append(100 * rouge1(row["summary"], found.headline))
    return [mean("headline", scores, "ROUGE-1")]


def mts_dialog(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure ROUGE-1 of problem, steps and resolution against the written record."""
    engine = desk.ports.engine
    scores = []
    rows = _lines(data / "mts_dialog" / "valid.jsonl")
    say(f"{len(rows)} conversations")
    for row in rows:
        messages = _turns(row["dialogue"])
        ticket = Ticket("t", "eval", "", messages)
        found = engine.summarize(ticket, SummaryKind.HANDOVER, "en")
        text = " ".join([found.problem, *found.steps_taken, found.resolution])
        scores.append(100 * rouge1(row["summary"], text))
    return [mean("summary-visits", scores, "ROUGE-1")]


def qmsum(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure ROUGE-1 of the problem told of the spans a question is about.

    Every turn is a message with its speaker as author, the question the subject.
    """
    engine = desk.ports.engine
    scores = []
    with (data / "qmsum" / "val.jsonl").open(encoding="utf-8") as file:
        meetings = [json.loads(line) for line in file if line.strip()]
    say(f"{len(meetings)} meetings")
    for meeting in meetings:
        for asked in meeting["specific"]:
            ticket = _meeting(meeting["turns"], asked)
            found = engine.summarize(ticket, SummaryKind.HANDOVER, "en")
            scores.append(100 * rouge1(asked["answer"], found.problem))
    return [mean("summary-meetings", scores, "ROUGE-1")]


def _meeting(turns: list[list[str]], asked: dict[str, Any]) -> Ticket:
    places = {
        place
        for first, last in asked["spans"]
        for place in range(int(first), min(int(last) + 1, len(turns)))
    }
    messages = tuple(
        Message(f"m{i}", Author(AuthorRole.CUSTOMER, name=turns[i][0]), turns[i][1])
        for i in sorted(places)
    )
    return Ticket("t", "eval", asked["query"], messages)


def _turns(dialogue: str) -> tuple[Message, ...]:
    pieces = _TURN.split(dialogue)
    found = []
    for number in range(1, len(pieces) - 1, 2):
        agent = pieces[number] == "Doctor"
        role = AuthorRole.AGENT if agent else AuthorRole.CUSTOMER
        found.append(Message(f"m{number}", Author(role), pieces[number + 1].strip()))
    return tuple(found)


def _mail(message: str) -> tuple[str, str]:
    match = re.match(r"SUBJECT:(.*?)\nMESSAGE:(.*)", message, re.DOTALL)
    if match:
        return match[1].strip(), match[2].strip()
    first, _, rest = message.partition("\n")
    return (first, rest) if rest and len(first) < 80 else ("", message)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]
