"""Zendesk's entry in the table of connectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.connector import Hook, Setting
from connectors.events import Credentials, GiveUp
from connectors.zendesk.inbound import receive
from connectors.zendesk.settings import NAME, SETTINGS, account_of

if TYPE_CHECKING:
    from connectors.clock import Clock
    from connectors.connector import Session
    from connectors.desk import Desk


@dataclass(frozen=True, slots=True)
class Zendesk:
    """The Zendesk connector."""

    name: str = NAME
    settings: tuple[Setting, ...] = SETTINGS
    hooks: tuple[Hook, ...] = (Hook(NAME, ("application/json",), receive),)

    def open(self, credentials: Credentials, desk: Desk, clock: Clock) -> Session:
        """Open a session; raises ``GiveUp`` that says what to change."""
        account = account_of(credentials)
        try:
            from connectors.zendesk.session import ZendeskSession
        except ModuleNotFoundError as error:
            raise GiveUp(
                "EXTRA_MISSING",
                f"{error.name} is not installed: pip install 'deskside[zendesk]'.",
            ) from None
        return ZendeskSession(account, credentials, desk, clock)


CONNECTOR = Zendesk()
