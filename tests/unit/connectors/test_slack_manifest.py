"""deploy/slack/manifest.yaml asks for what the connector needs, and no more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from connectors.slack import commands
from connectors.slack.inbound import HOOKS

ROOT = Path(__file__).resolve().parents[3]
PATH = ROOT / "deploy/slack/manifest.yaml"
MANIFEST: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
HOST = "https://deskside.example.com"
# Method, event or feature -> the bot scopes its page at docs.slack.dev names.
SCOPES: dict[str, set[str]] = {
    "auth.test": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    # In public channels, in private ones, and in what is written to the app itself.
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "users.info": {"users:read", "users:read.email"},
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "slash_commands": {"commands"},
}
_METHOD = re.compile(
    r'"((?:auth|chat|conversations|users|views|files|reactions|team|bots|pins)'
    r'\.[A-Za-z.]+)"'
)


def _called() -> set[str]:
    """Return the methods of the Web API that the connector names."""
    folder = ROOT / "connectors/slack"
    return {
        m for file in folder.glob("*.py") for m in _METHOD.findall(file.read_text())
    }


def _events() -> list[str]:
    return list(MANIFEST["settings"]["event_subscriptions"]["bot_events"])


def test_its_scopes_are_those_of_what_is_used() -> None:
    """Every method, event and command has its scopes there, and no scope is idle."""
    used = [*_called(), *_events(), "slash_commands"]
    assert len(_called()) == 7
    needed = set().union(*(SCOPES[name] for name in used))
    asked = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert set(asked) == needed
    assert len(asked) == len(set(asked))
    assert "user" not in MANIFEST["oauth_config"]["scopes"]


def test_its_addresses_are_the_hooks() -> None:
    """Events, interactivity and the command lead to a hook each, and none is left."""
    (command,) = MANIFEST["features"]["slash_commands"]
    settings = MANIFEST["settings"]
    addresses = {
        "slack/commands": command["url"],
        "slack/events": settings["event_subscriptions"]["request_url"],
        "slack/interactivity": settings["interactivity"]["request_url"],
    }
    assert set(addresses) == {hook.path for hook in HOOKS}
    for path, address in addresses.items():
        assert address == f"{HOST}/hooks/default/{path}"
        assert urlsplit(address).scheme == "https"


def test_the_command_is_the_one_that_help_teaches() -> None:
    """`/deskside`, with people and channels escaped as the parser expects."""
    (command,) = MANIFEST["features"]["slash_commands"]
    assert f"`{command['command']} " in commands.HELP
    assert command["should_escape"] is True
    for example in command["usage_hint"].split(" | "):
        assert example.split()[0] in ("summarize", "ask", "escalate")
        assert commands.parse_command(example).verb is not commands.Verb.HELP


def test_people_may_write_to_the_app() -> None:
    """Direct messages are asked for, so the app's tab for them is open."""
    home = MANIFEST["features"]["app_home"]
    assert "message.im" in _events()
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize(("name", "most"), [("name", 35), ("description", 140)])
def test_texts_are_as_short_as_slack_wants(name: str, most: int) -> None:
    """Name and description fit Slack's form."""
    assert 0 < len(MANIFEST["display_information"][name]) <= most


def test_the_page_names_each_scope_and_what_for() -> None:
    """docs/connectors.md lists the manifest's scopes."""
    page = (ROOT / "docs/connectors.md").read_text(encoding="utf-8")
    for scope in MANIFEST["oauth_config"]["scopes"]["bot"]:
        assert f"`{scope}`" in page, scope
    assert "deploy/slack/manifest.yaml" in page
