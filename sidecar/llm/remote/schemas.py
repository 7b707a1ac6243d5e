"""The shapes answers must have: JSON Schema, as strict as both providers take it.

Every object lists all its properties as required and allows no other; lengths are
checked when an answer is read, since strict mode knows no such keywords.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.reply import SentenceRole

BLOCKERS = (
    "none",
    "knowledge_missing",
    "customer_information_missing",
    "sources_contradict",
    "unsafe_content",
)
_MOST_ENUM_CHARACTERS = 12_000
"""Strict mode takes 15,000 characters of enum values altogether."""
_MOST_VALUES = 200


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _one_of(values: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_YES_NO = {"type": "boolean"}

DRAFT = _object(
    blocker=_one_of(BLOCKERS),
    blocker_text=_TEXT,
    statements=_list(
        _object(
            role=_one_of([role.value for role in SentenceRole]),
            text=_TEXT,
            sources=_list(_object(article=_NUMBER, quote=_TEXT)),
            original=_TEXT,
            list_item=_NUMBER,
            new_paragraph=_YES_NO,
        )
    ),
)
"""The blocker comes first, so that a refusal is known before a sentence is shown."""

TONE = _object(
    sentiment=_one_of([s.value for s in Sentiment]),
    severity=_one_of([s.value for s in Severity]),
    language=_TEXT,
)
"""What is left to ask of a request whose labels a trained classifier decides."""

SUMMARY = _object(
    headline=_TEXT,
    problem=_TEXT,
    steps_taken=_list(_TEXT),
    open_questions=_list(_TEXT),
    next_steps=_list(_TEXT),
    action_items=_list(_object(text=_TEXT, owner=_TEXT, due=_TEXT)),
    resolution=_TEXT,
)


def classification(categories: Sequence[str], intents: Sequence[str]) -> dict[str, Any]:
    """Return the schema for one taxonomy; its values are the only ones allowed.

    A taxonomy too large for an enum is checked when the answer is read.
    """
    return _object(
        category=_values(categories),
        intent=_values(intents),
        **TONE["properties"],
        quote=_TEXT,
        sure=_YES_NO,
    )


def _values(values: Sequence[str]) -> dict[str, Any]:
    fits = sum(map(len, values)) <= _MOST_ENUM_CHARACTERS // 2
    return _one_of(values) if len(values) <= _MOST_VALUES and fits else _TEXT
