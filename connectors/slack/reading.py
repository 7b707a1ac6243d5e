"""What arrives is of any shape: readers that return what is there or nothing; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from connectors.events import parse_object

_FORM_FIELDS = 40


def read_form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; ``ValueError`` for what is none."""
    pairs = parse_qsl(
        body.decode(),
        keep_blank_values=True,
        strict_parsing=True,
        max_num_fields=_FORM_FIELDS,
        errors="strict",
    )
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field occurs twice")
    return found


def interaction(body: bytes) -> dict[str, Any]:
    """Return the object within a form; ``KeyError`` when the form has none."""
    return parse_object(read_form(body)["payload"].encode())


def within(value: Any, *names: str) -> Any:
    """Return what is under names within names, None where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def dicts(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list, none of what is no list."""
    found = value if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def text_of(value: object) -> str:
    """Return a text, '' for anything else."""
    return value if isinstance(value, str) else ""


def short(key: str) -> str:
    """Return a key that is not too long to be kept."""
    return key if len(key) <= 200 else f"long:{sha256(key.encode()).hexdigest()}"


def moment(value: object) -> datetime | None:
    """Return the moment of seconds since 1970, None when they are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
