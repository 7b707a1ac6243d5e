"""What an administrator fills in for Slack."""

from __future__ import annotations

from connectors.connector import Setting

SETTINGS = (
    Setting(
        "bot_token",
        "Bot User OAuth Token of your Slack app (OAuth & Permissions), xoxb-…",
        secret=True,
        required=True,
    ),
    Setting(
        "signing_secret",
        "Signing Secret of your Slack app (Basic Information). While you change it,"
        " put the new and the old one with a blank between them.",
        secret=True,
        required=True,
    ),
    Setting("team_id", "Identifier of your Slack workspace, T…", required=True),
    Setting(
        "channel",
        "Identifier of the channel for escalations, C…; invite the app to it.",
        required=True,
    ),
    Setting("mode", "off, shadow, suggest or automate"),
    Setting("base_url", "Address of Slack's Web API; leave it empty."),
)
API = "https://slack.com/api/"
