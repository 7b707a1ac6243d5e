"""The limits of every field that comes in, and the words a violation gets."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sidecar.domain.text import visible_line
from sidecar.errors import FieldViolation, MendRequest, Reason, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.protobuf.timestamp_pb2 import Timestamp

T = TypeVar("T")

# Characters, unless said otherwise. A longer thread is read head and tail only, but
# it is stored whole, so these bounds are about what a message can carry.
MAX_REQUEST_ID = 128
MAX_ID = 255
MAX_SUBJECT = 1_000
MAX_BODY = 2 * 1024 * 1024
MAX_MESSAGES = 5_000
MAX_ATTACHMENTS = 50
MAX_TAGS = 100
MAX_TAG = 100
MAX_NAME = 500
MAX_EMAIL = 320
MAX_URL = 2_000
MAX_QUERY = 10_000
MAX_NOTE = 2_000
MAX_INSTRUCTIONS = 2_000
MAX_RESOLUTION = 10_000
MAX_EDITED_TEXT = 100_000
MAX_LANGUAGE = 35
MAX_WORD = 100
MAX_FILTER_VALUES = 100
MAX_PASSWORD = 1_024
MAX_TOP_K = 50
DEFAULT_TOP_K = 5
MAX_PAGE = 200
DEFAULT_PAGE = 50
MAX_LEVEL = 9
CHUNK_BYTES = 64 * 1024
MAX_DOCUMENT_BYTES = 10 * 1000 * 1000

# Control characters but tab, line feed and carriage return: nothing shows them, and
# some terminals and spreadsheets obey them.
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_ID = re.compile(r"[\x00-\x1f\x7f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)


def request_id(value: str) -> str:
    """Return the idempotency key; it may be empty."""
    return identifier("request_id", value, longest=MAX_REQUEST_ID)


def identifier(
    field: str, value: str, *, required: bool = False, longest: int = MAX_ID
) -> str:
    """Return an identifier; control characters in it are refused."""
    if not value and required:
        raise missing(field)
    _check_length(field, value, longest)
    if _NOT_IN_ID.search(value):
        raise invalid(field, "Control characters are not allowed.")
    return value


def text(field: str, value: str, longest: int, *, required: bool = False) -> str:
    """Return a text without control characters; NUL is refused, others vanish."""
    if required and not value.strip():
        raise missing(field)
    _check_length(field, value, longest)
    if "\x00" in value:
        raise invalid(field, "The character NUL (U+0000) is not allowed.")
    return _CONTROL.sub("", value)


def line(field: str, value: str, longest: int, *, required: bool = False) -> str:
    """Return a text of one line, such as a name, without what no reader sees."""
    value = visible_line(text(field, value, longest))
    if required and not value.strip():
        raise missing(field)
    return value


def words(
    field: str, values: Sequence[str], *, most: int, longest: int
) -> tuple[str, ...]:
    """Return a list of short texts, empty ones left out."""
    check_count(field, len(values), most)
    cleaned = (line(f"{field}[{i}]", v, longest).strip() for i, v in enumerate(values))
    return tuple(word for word in cleaned if word)


def language(field: str, value: str) -> str:
    """Return a BCP 47 tag, or ''."""
    _check_length(field, value, MAX_LANGUAGE)
    if value and not _LANGUAGE.fullmatch(value):
        raise invalid(field, "Use a BCP 47 tag such as en or pt-BR.")
    return value


def choice(field: str, value: int, known: Mapping[int, T]) -> T:
    """Return the domain's word for an enum number; unknown numbers are refused."""
    try:
        return known[value]
    except KeyError:
        raise invalid(field, f"{value} is not a value of this enum.") from None


def share(field: str, value: float) -> float:
    """Return a number of 0..1."""
    if math.isnan(value) or not 0.0 <= value <= 1.0:
        raise invalid(field, "Must be between 0 and 1.")
    return value


def between(field: str, value: int, low: int, high: int, default: int) -> int:
    """Return a number of ``low``..``high``; 0 means ``default``."""
    if value == 0:
        return default
    if not low <= value <= high:
        raise invalid(field, f"Must be between {low} and {high}.")
    return value


def top_k(value: int) -> int:
    """Return how many results are wanted."""
    return between("top_k", value, 1, MAX_TOP_K, DEFAULT_TOP_K)


def page_size(value: int) -> int:
    """Return how many entries a page may have."""
    return between("page_size", value, 1, MAX_PAGE, DEFAULT_PAGE)


def check_count(field: str, count: int, most: int) -> None:
    """Raise when a list has more than ``most`` entries."""
    if count > most:
        violation = FieldViolation(field, f"At most {most:,} entries are allowed.")
        raise MendRequest(Reason.FIELD_TOO_LONG, (violation,))


def moment(field: str, value: Timestamp, *, present: bool) -> datetime | None:
    """Return a time in UTC, or None when it is not set."""
    if not present:
        return None
    try:
        return value.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise invalid(field, "This is not a moment of the years 1 to 9999.") from None


def missing(field: str) -> MendRequest:
    """Build the refusal of a request without a required field."""
    violation = FieldViolation(field, "This field is required.")
    return MendRequest(Reason.FIELD_REQUIRED, (violation,))


def _check_length(field: str, value: str, longest: int) -> None:
    if len(value) > longest:
        violation = FieldViolation(
            field, f"At most {longest:,} characters are allowed."
        )
        raise MendRequest(Reason.FIELD_TOO_LONG, (violation,))
