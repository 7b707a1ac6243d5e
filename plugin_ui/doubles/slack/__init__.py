"""A double of Slack: it keeps channels, answers the Web API and sends events.

Faults are scripted, every request is in a ledger, and what it sends is signed.
"""

from plugin_ui.doubles.slack.double import Called, SlackDouble
from plugin_ui.doubles.slack.requests import (
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
    CHANNEL,
    SIGNING_SECRET,
    TEAM,
    command_body,
    event_body,
    pressed_body,
    signed_headers,
    submitted_body,
)
from plugin_ui.doubles.slack.sender import events_of

__all__ = [
    "BOT_ID",
    "BOT_TOKEN",
    "BOT_USER",
    "CHANNEL",
    "SIGNING_SECRET",
    "TEAM",
    "Called",
    "SlackDouble",
    "command_body",
    "event_body",
    "events_of",
    "pressed_body",
    "signed_headers",
    "submitted_body",
]
