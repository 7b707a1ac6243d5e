"""Nested parts of domain objects as JSON text; ``v`` is the version of the shape.

A shape changes by a new version: the writer writes the newest one, the reader keeps
reading the older ones, and an unknown one raises ``ValueError``.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sidecar.domain.classification import (
    Alternative,
    Classification,
    Decision,
    Prediction,
    Reason,
    ReasonCode,
    Sentiment,
    Span,
)
from sidecar.domain.knowledge import Visibility
from sidecar.domain.reply import (
    Citation,
    Draft,
    Sentence,
    SentenceRole,
    Tone,
    Usage,
    Warning,
)
from sidecar.domain.ticket import Attachment

_VERSION = 1
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
EMPTY_LIST = "[]"


def _open(text: str) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(text)
    if shape.get("v") != _VERSION:
        raise ValueError(f"stored shape of version {shape.get('v')} is not known")
    return shape


def encode_strings(values: tuple[str, ...]) -> str:
    """Write a list of strings."""
    return _write(values) if values else EMPTY_LIST


def decode_strings(text: str) -> tuple[str, ...]:
    """Read a list of strings."""
    return () if text == EMPTY_LIST else tuple(json.loads(text))


def encode_attachments(values: tuple[Attachment, ...]) -> str:
    """Write the list of a message's attachments."""
    if not values:
        return EMPTY_LIST
    items = [
        [a.external_id, a.file_name, a.media_type, a.size_bytes, a.url] for a in values
    ]
    return _write({"v": _VERSION, "items": items})


def decode_attachments(text: str) -> tuple[Attachment, ...]:
    """Read the list of a message's attachments."""
    if text == EMPTY_LIST:
        return ()
    return tuple(Attachment(*item) for item in _open(text)["items"])


def without_reason_texts(text: str) -> str:
    """Return stored reasons, or what holds them, with codes and places only."""
    shape = _open(text)
    for name in shape.keys() & {"reasons", "items"}:
        shape[name] = [[code, "", place] for code, _, place in shape[name]]
    return _write(shape)


def _prediction(value: Prediction) -> dict[str, Any]:
    return {
        "value": value.value,
        "confidence": value.confidence,
        "alternatives": [[a.value, a.confidence] for a in value.alternatives],
        "decision": value.decision.value,
    }


def _read_prediction(shape: dict[str, Any]) -> Prediction:
    return Prediction(
        shape["value"],
        shape["confidence"],
        tuple(Alternative(*item) for item in shape["alternatives"]),
        Decision(shape["decision"]),
    )


def _reason(value: Reason) -> list[Any]:
    span = value.span
    place = [span.field, span.start, span.end, span.message_id] if span else None
    return [value.code.value, value.text, place]


def _read_reason(item: list[Any]) -> Reason:
    code, text, place = item
    return Reason(ReasonCode(code), text, Span(*place) if place else None)


def encode_reasons(values: tuple[Reason, ...]) -> str:
    """Write a list of reasons."""
    return _write({"v": _VERSION, "items": [_reason(r) for r in values]})


def decode_reasons(text: str) -> tuple[Reason, ...]:
    """Read a list of reasons."""
    return tuple(_read_reason(item) for item in _open(text)["items"])


def encode_classification(item: Classification) -> str:
    """Write what a classification has beside its plain columns."""
    return _write(
        {
            "v": _VERSION,
            "category": _prediction(item.category),
            "intent": _prediction(item.intent),
            "reasons": [_reason(r) for r in item.reasons],
            "trend": [s.value for s in item.sentiment_trend],
            "usage": asdict(item.usage),
            "intents": [[a.value, a.confidence] for a in item.intents],
        }
    )


def decode_classification(text: str) -> dict[str, Any]:
    """Read it back as keyword arguments of ``Classification``."""
    shape = _open(text)
    return {
        "category": _read_prediction(shape["category"]),
        "intent": _read_prediction(shape["intent"]),
        "reasons": tuple(_read_reason(item) for item in shape["reasons"]),
        "sentiment_trend": tuple(Sentiment(value) for value in shape["trend"]),
        # Rows from before language models have none.
        "usage": Usage(**shape.get("usage", {})),
        "intents": tuple(Alternative(*pair) for pair in shape.get("intents", [])),
    }


def encode_draft(item: Draft) -> str:
    """Write what a draft has beside its plain columns."""
    sentences = [
        [s.text, s.role.value, s.markers, s.starts_paragraph, s.list_item]
        for s in item.sentences
    ]
    citations = [
        [
            *(c.marker, c.passage_id, c.document_id, c.title, c.url, c.quote),
            c.visibility.value,
        ]
        for c in item.citations
    ]
    return _write(
        {
            "v": _VERSION,
            "sentences": sentences,
            "citations": citations,
            "warnings": [w.value for w in item.warnings],
            "tone": item.tone.value,
        }
    )


def _read_sentence(item: list[Any]) -> Sentence:
    text, role, markers, starts_paragraph, list_item = item
    return Sentence(
        text, SentenceRole(role), tuple(markers), starts_paragraph, list_item
    )


def _read_citation(item: list[Any]) -> Citation:
    marker, passage_id, document_id, title, url, quote, visibility = item
    return Citation(
        *(marker, passage_id, document_id, title, url, quote), Visibility(visibility)
    )


def decode_draft(text: str) -> dict[str, Any]:
    """Read it back as keyword arguments of ``Draft``."""
    shape = _open(text)
    return {
        "sentences": tuple(_read_sentence(item) for item in shape["sentences"]),
        "citations": tuple(_read_citation(item) for item in shape["citations"]),
        "warnings": tuple(Warning(value) for value in shape["warnings"]),
        # Drafts written before the tone was kept were friendly.
        "tone": Tone(shape.get("tone", "friendly")),
    }
