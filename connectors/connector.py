"""What a connector is, and the explicit table of those there are.

A vendor is a folder that offers one ``Connector``. The receiver asks its ``hooks``,
the worker and the scheduler its ``Session``; neither knows which vendor it is.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from connectors.events import (
    Check,
    Credentials,
    Delivery,
    Health,
    HookRequest,
    Received,
    Reply,
)

if TYPE_CHECKING:
    from connectors.clock import Clock
    from connectors.desk import Desk

# Every connector by name, and where its ``CONNECTOR`` is. A line here is all that
# the rest of the house needs to know about a new vendor.
TABLE: dict[str, str] = {
    "slack": "connectors.slack.connector",
    "zendesk": "connectors.zendesk.connector",
}

UNAVAILABLE = Reply(503, b'{"error":"try again"}', headers=(("Retry-After", "5"),))


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing an administrator fills in."""

    name: str
    help: str
    secret: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """One address that a vendor calls, below ``/hooks/{workspace}/``.

    ``path`` may have variable segments such as ``<secret>``, which never reach a
    log. ``receive`` is pure: verify over the raw bytes, then parse; it raises
    ``Refused``. ``unavailable`` is the answer that makes this vendor try again.
    """

    path: str
    content_types: tuple[str, ...]
    receive: Callable[[HookRequest, Credentials, datetime], Received]
    unavailable: Reply = UNAVAILABLE


class Session(Protocol):
    """An open connection to one workspace's account at the vendor."""

    @property
    def health(self) -> Health:
        """How the connection is doing."""

    def handle(self, delivery: Delivery) -> Mapping[str, Any]:
        """Deal with one event and return what came of it, as JSON-ready facts.

        Called again for the same event after a crash, so every effect is made once
        by its key. Raises ``TryAgain``, ``GiveUp`` or ``LostLease``.
        """

    def poll(self) -> None:
        """Catch up with what no webhook told; called every poll interval."""

    def test(self) -> list[Check]:
        """Try the connection and say what is wrong and what to do about it."""

    def close(self) -> None:
        """Let go of the connection."""


class Connector(Protocol):
    """One vendor."""

    @property
    def name(self) -> str:
        """Name, as in paths, events and settings."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What an administrator fills in."""

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """Addresses that the vendor calls."""

    def open(self, credentials: Credentials, desk: Desk, clock: Clock) -> Session:
        """Open a session; imports the vendor's SDK. Raises ``GiveUp``."""


def load(names: tuple[str, ...] = ()) -> dict[str, Connector]:
    """Return the connectors of these names, all when there are none.

    Raises ``KeyError`` with a name that is not in the table.
    """
    chosen = names or tuple(TABLE)
    return {name: importlib.import_module(TABLE[name]).CONNECTOR for name in chosen}
