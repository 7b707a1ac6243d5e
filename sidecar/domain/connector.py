"""Connectors as the sidecar keeps them: how they are set up and how they are doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

MAX_RECORD_BYTES = 64 * 1024


class Mode(Enum):
    """How much a connector may do."""

    OFF = "off"
    SHADOW = "shadow"
    SUGGEST = "suggest"
    AUTOMATE = "automate"


class Health(Enum):
    """How a connector is doing."""

    OFF = "off"
    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector as stored; ``sealed`` holds its secrets, encrypted.

    ``active`` is true when it is set up completely and not switched off.
    """

    name: str
    mode: Mode = Mode.OFF
    settings: Mapping[str, str] = field(default_factory=dict)
    sealed: str = ""
    active: bool = False
    etag: str = ""
    updated_at: datetime | None = None
    updated_by: str = ""


@dataclass(frozen=True, slots=True)
class ConnectorRecord:
    """A small fact a connector keeps, since it has no state of its own."""

    connector: str
    name: str
    value: bytes
    etag: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a connector's own process last said about itself.

    ``rate_limit_remaining`` is -1 when unknown; ``trouble_since`` is None while all
    is well.
    """

    connector: str
    health: Health
    message: str
    reported_at: datetime
    last_event_at: datetime | None = None
    credentials_valid: bool = False
    rate_limit_remaining: int = -1
    rate_limit_reset_at: datetime | None = None
    trouble_since: datetime | None = None


class ChangeState(Enum):
    """Where a change at a vendor stands."""

    MADE = "made"
    REVERT_REQUESTED = "revert_requested"
    REVERTED = "reverted"
    REVERT_FAILED = "revert_failed"


@dataclass(frozen=True, slots=True)
class VendorChange:
    """One field of a ticket that a connector changed; ``mark`` finds it again."""

    connector: str
    external_id: str
    field: str
    before: str
    after: str
    mark: str
    ticket_id: str = ""
    id: str = ""
    made_at: datetime | None = None
    state: ChangeState = ChangeState.MADE
    message: str = ""
    reverted_by: str = ""
