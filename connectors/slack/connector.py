"""Slack as a connector: which event is dealt with where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.clock import Clock
from connectors.connector import Connector, Hook, Setting
from connectors.desk import Desk
from connectors.events import (
    Check,
    Credentials,
    Delivery,
    GiveUp,
    Health,
    Later,
    TryAgain,
)
from connectors.slack import inbound
from connectors.slack.alerts import Alerts
from connectors.slack.requests import Requests
from connectors.slack.settings import SETTINGS

if TYPE_CHECKING:
    from connectors.slack.api import SlackApi


PAUSED_SECONDS = 10.0
"""How long an event waits before it is looked at whether a pause has ended."""


class SlackSession:
    """An open connection to one Slack workspace."""

    def __init__(
        self, credentials: Credentials, desk: Desk, clock: Clock, api: SlackApi
    ) -> None:
        self._credentials = credentials
        self._api = api
        self._desk = desk
        alerts = Alerts(desk, api, clock, credentials.get("channel"))
        team_id = credentials.get("team_id")
        requests = Requests(desk, api, alerts, team_id, self._is_mute)
        self._handlers: dict[str, Callable[[Delivery], Mapping[str, Any]]] = {
            "escalation.reminder_due": alerts.remind,
            "connector.failing": alerts.connector_failing,
            "connector.recovered": alerts.connector_failing,
            inbound.COMMAND: requests.command,
            inbound.EVENT: requests.message,
            inbound.ACTION: requests.action,
        }
        self._escalation = alerts.show

    @property
    def health(self) -> Health:
        """How the connection is doing."""
        return self._api.health

    def handle(self, delivery: Delivery) -> Mapping[str, Any]:
        """Deal with one event; what is not for Slack is only noted."""
        handler = self._handlers.get(delivery.type)
        if handler is None and delivery.type.startswith("escalation."):
            handler = self._escalation
        if handler is None:
            return {"ignored": delivery.type}
        # A press is an act inside Deskside: an alert must not climb because it waits.
        if delivery.type != inbound.ACTION and self._is_mute():
            return {"shadow": delivery.type}
        return handler(delivery)

    def _is_mute(self) -> bool:
        """Say whether nothing may be written at Slack; raises ``Later`` in a pause."""
        if not self._credentials.mode.writes:
            return True
        if self._desk.flags().get("writing_paused"):
            said = "An administrator has paused writing."
            raise Later("WRITING_PAUSED", said, PAUSED_SECONDS)
        return False

    def poll(self) -> None:
        """Ask who the token is: else a connector that cannot work looks as if it did.

        Slack has no list of what a webhook failed to tell.
        """
        self._api.who_am_i()

    def test(self) -> list[Check]:
        """Try token, team, and the look into the channel that keeps cards single."""
        try:
            me = self._api.who_am_i()
        except TryAgain as failure:
            return [Check("host", False, failure.message)]
        except GiveUp as failure:
            return [Check("credentials", False, failure.message)]
        checks = [Check("credentials", True, f"Signed in as {me.get('user')}.")]
        team = str(me.get("team_id", ""))
        fits = team == self._credentials.get("team_id")
        said = "The token is of this team." if fits else f"The token is of {team}."
        checks.append(Check("team", fits, said))
        try:
            self._api.find(self._credentials.get("channel"), "connection test")
            checks.append(Check("channel", True, "The channel can be read."))
        except (GiveUp, TryAgain) as failure:
            checks.append(Check("channel", False, failure.message))
        return checks

    def close(self) -> None:
        """Let go of nothing: every call has its own connection."""


class SlackConnector:
    """Slack."""

    name = "slack"
    settings: tuple[Setting, ...] = SETTINGS
    hooks: tuple[Hook, ...] = inbound.HOOKS

    def open(self, credentials: Credentials, desk: Desk, clock: Clock) -> SlackSession:
        """Open a session; the SDK is imported only here, once Slack is set up."""
        from connectors.slack.api import SlackApi

        return SlackSession(credentials, desk, clock, SlackApi(credentials, clock))


CONNECTOR: Connector = SlackConnector()
