"""What a good model would answer, made from the request by rules."""

from __future__ import annotations

import json
from typing import Any

from tests.doubles.providers import Asked


def honest(asked: Asked) -> str:
    """Answer the task that is asked."""
    make = {"draft": draft, "classify": classify, "summarize": summarize}[asked.task]
    return json.dumps(make(asked), ensure_ascii=False)


def statement(
    text: str,
    role: str = "fact",
    sources: list[tuple[int, str]] | None = None,
    original: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Return one statement of a draft."""
    return {
        "role": role,
        "text": text,
        "sources": [{"article": n, "quote": quote} for n, quote in sources or []],
        "original": original,
        "list_item": 0,
        "new_paragraph": False,
        **more,
    }


def reply(*statements: dict[str, Any], blocker: str = "none") -> dict[str, Any]:
    """Return a whole draft."""
    text = "" if blocker == "none" else "Nothing is written about this."
    return {"blocker": blocker, "blocker_text": text, "statements": list(statements)}


def draft(asked: Asked) -> dict[str, Any]:
    """Greet, say what the first article says last, and close."""
    articles = asked.blocks("article")
    if not articles:
        return reply(blocker="knowledge_missing")
    sentences = [s.strip() for s in articles[0].replace("\n", " ").split(". ")]
    quote = sentences[-1].rstrip(".")
    return reply(
        statement("Hello and thank you for writing to us today.", "greeting"),
        statement(f"{quote}.", sources=[(1, quote)], new_paragraph=True),
        statement("Please tell us if anything else is unclear.", "closing"),
    )


def classify(asked: Asked) -> dict[str, Any]:
    """Choose the first values there are; a schema may ask for less."""
    properties = asked.schema["properties"]
    tone = {"sentiment": "neutral", "severity": "normal", "language": "en"}
    if "intent" not in properties:
        return tone
    newest = (asked.blocks("customer message") or [""])[-1]
    return {
        **tone,
        "category": properties["category"]["enum"][0],
        "intent": properties["intent"]["enum"][0],
        "quote": " ".join(newest.split()[:4]),
        "sure": True,
    }


def summarize(asked: Asked) -> dict[str, Any]:
    """Sum up by the subject and the first message."""
    subject = (asked.blocks("subject") or [""])[0]
    first = (asked.blocks("customer message") or [""])[0]
    return {
        "headline": f"The customer asks: {subject}",
        "problem": f"The customer writes: {first[:200]}",
        "steps_taken": [],
        "open_questions": [],
        "next_steps": [],
        "action_items": [],
        "resolution": "",
    }
