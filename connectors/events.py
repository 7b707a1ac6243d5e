"""The words that the receiver, the worker and every vendor share.

Nothing here knows a vendor, the web or gRPC: a vendor's ``inbound.py`` and
``outbound.py`` are pure functions over these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

_MODES = ("off", "shadow", "suggest", "automate")


class Mode(Enum):
    """How much a connector may do, from nothing to what the administrator allowed."""

    OFF = "off"
    SHADOW = "shadow"
    SUGGEST = "suggest"
    AUTOMATE = "automate"

    @property
    def writes(self) -> bool:
        """Say whether anything at the vendor may be changed."""
        return self in (Mode.SUGGEST, Mode.AUTOMATE)


class Refused(Exception):
    """A request that is not accepted; ``reason`` is a word for logs and metrics.

    ``status`` is the HTTP status of the answer; ``events`` are stored all the same,
    such as a signed body nobody can read, which a person should see.
    """

    def __init__(
        self, status: int, reason: str, events: tuple[Inbound, ...] = ()
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.events = events


class TryAgain(Exception):
    """It may work later; ``retry_after`` is in seconds, None for the own schedule."""

    def __init__(
        self, reason: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


class Later(TryAgain):
    """Not now, and nobody's failure, such as a limit or a pause: no attempt counts."""


class GiveUp(Exception):
    """It will never work; a person has to look. The message holds no personal data."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class LostLease(Exception):
    """Another worker has the delivery: nothing more may be done for it here."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """Something a vendor says happened, ready to be published.

    ``source_event_id`` is what repeats are recognised by; it comes from what the
    vendor signed, never from a header. ``ticket_key`` keeps order.
    """

    type: str
    source_event_id: str
    payload: Mapping[str, Any]
    occurred_at: datetime | None = None
    ticket_key: str = ""
    schema_version: int = 1

    def payload_json(self) -> bytes:
        """Return the payload as canonical UTF-8 JSON."""
        text = json.dumps(self.payload, ensure_ascii=False, sort_keys=True)
        # A lone surrogate is valid in JSON's escapes and in no UTF-8.
        return text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A webhook as it came: the raw body, and headers by lower-case name.

    ``parts`` are the variable segments of the path by name.
    """

    body: bytes
    headers: Mapping[str, str]
    content_type: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Return a header, '' when it is missing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender is answered."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What a verified request means: events to store, then the answer."""

    events: tuple[Inbound, ...] = ()
    reply: Reply = Reply()


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a workspace has set a connector up; secrets are in clear and never shown."""

    connector: str
    workspace: str
    mode: Mode
    settings: Mapping[str, str] = field(repr=False)
    etag: str = ""

    def get(self, name: str) -> str:
        """Return a setting, '' when it is not set."""
        return self.settings.get(name, "")

    def secrets(self, name: str) -> tuple[str, ...]:
        """Return every value that is valid now; blanks separate old and new.

        While a secret is changed both are valid, so that nothing signed with the
        old one is refused on its way.
        """
        return tuple(self.get(name).split())


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that a worker has in its hands."""

    event_id: str
    type: str
    payload: Mapping[str, Any]
    source: str = ""
    source_event_id: str = ""
    ticket_key: str = ""
    ticket_id: str = ""
    occurred_at: datetime | None = None
    attempt: int = 1
    keep: Callable[[], None] = lambda: None
    """Makes the lease last longer; raises ``LostLease`` when another has it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a connection test tried: what was found, or what to do."""

    name: str
    ok: bool
    message: str


@dataclass(slots=True)
class Health:
    """How the connection to the vendor is doing, as its session sees it."""

    credentials_valid: bool = True
    message: str = ""
    rate_limit_remaining: int = -1
    rate_limit_reset_at: datetime | None = None
    failing: bool = False


# strptime knows six digits of a second's fraction, vendors send up to nine.
_FRACTION = re.compile(r"(\.\d{1,6})\d*")


def parse_time(text: object) -> datetime | None:
    """Return an ISO 8601 moment in UTC, None when it is not one."""
    if not isinstance(text, str) or not text:
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Duplicate(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Duplicate("a key occurs twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; ``ValueError`` for anything else.

    Refused as well: NaN and Infinity, a key that occurs twice (two readers would
    see two messages), numbers and nesting beyond what Python reads.
    """
    try:
        text = body.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller has one word
    return found
