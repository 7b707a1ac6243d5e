"""Slack as `emulate` plays it: a double whose authors never saw our connector.

It runs with strict scopes and a bot token that has exactly those of the app's
manifest, so a scope that is missing there is missing here.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from slack_sdk import WebClient

from tests import needs
from tests.servers import free_port

MANIFEST = needs.REPOSITORY / "deploy/slack/manifest.yaml"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT, BOT_TOKEN, ANA_TOKEN = "U0DESKSIDE", "xoxb-of-emulate", "xoxp-of-ana"
CHANNEL_NAME, EMAIL = "escalations", "ana@acme.example"
_START_SECONDS = 20.0


def manifest() -> dict[str, Any]:
    """Return the app's manifest as Slack reads it."""
    found: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return found


def manifest_scopes() -> list[str]:
    """Return the bot's scopes."""
    return list(manifest()["oauth_config"]["scopes"]["bot"])


def token_without(scope: str) -> str:
    """Return the token of an app that was installed without a scope."""
    return f"xoxb-without-{scope}"


class Emulate:
    """A running Slack; what people see is read with Ana's token."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.base_url = f"{self.address}/api/"
        # Loopback only: a proxy of the machine's must not be asked.
        self.ana = WebClient(ANA_TOKEN, base_url=self.base_url, proxy="", timeout=5)
        self.team = ""
        self.channel = ""
        self.ana_id = ""

    def look_around(self) -> None:
        """Learn the identifiers that are new with each start."""
        me = self.ana.auth_test()
        self.team, self.ana_id = str(me["team_id"]), str(me["user_id"])
        channels = self.ana.conversations_list()["channels"]
        self.channel = next(c["id"] for c in channels if c["name"] == CHANNEL_NAME)

    @property
    def settings(self) -> dict[str, str]:
        """What an administrator fills in for it."""
        return {
            "bot_token": BOT_TOKEN,
            "signing_secret": SECRET,
            "team_id": self.team,
            "channel": self.channel,
            "base_url": self.base_url,
        }

    def messages(self) -> list[dict[str, Any]]:
        """Return what stands in the channel, newest first."""
        found = self.ana.conversations_history(channel=self.channel)
        return list(found["messages"])

    def thread(self, ts: str) -> list[dict[str, Any]]:
        """Return a message and its replies."""
        found = self.ana.conversations_replies(channel=self.channel, ts=ts)
        return list(found["messages"])

    def say(self, text: str, thread_ts: str = "") -> dict[str, Any]:
        """Let Ana write and return the message."""
        posted = self.ana.chat_postMessage(
            channel=self.channel, text=text, thread_ts=thread_ts or None
        )
        return {**posted["message"], "channel": self.channel}

    def page(self, tab: str) -> str:
        """Return a page of its inspector."""
        with urllib.request.urlopen(f"{self.address}/?tab={tab}", timeout=5) as answer:
            return str(answer.read().decode())

    def response_url(self) -> str:
        """Return an address that takes messages, as a command's does."""
        (path,) = re.findall(r"/services/[^<\"]*/[^<\"]*", self.page("auth"))[-1:]
        return f"{self.address}{path}"


@contextmanager
def running_emulate(folder: Path) -> Iterator[Emulate]:
    """Run it on a free port of loopback; skip where it is not installed."""
    command = needs.emulate()
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_seed()))
    port = free_port()
    words = ["start", "--service", "slack", "--port", str(port), "--seed", str(seed)]
    with (
        (folder / "emulate.log").open("wb") as log,
        subprocess.Popen(
            [*command, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            double = Emulate(port)
            _wait_for(double, process, folder / "emulate.log")
            yield double
        finally:
            process.kill()


def _wait_for(double: Emulate, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        try:
            double.look_around()
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        else:
            return


def _seed() -> dict[str, Any]:
    scopes = manifest_scopes()
    app = {
        "client_id": "1.2",
        "client_secret": "of-nobody",
        "app_id": "A0DESKSIDE",
        "name": "Deskside",
        "redirect_uris": [],
        "scopes": scopes,
        "bot_name": "deskside",
        "bot_id": "B0DESKSIDE",
        "bot_user_id": BOT,
    }
    tokens = {token_without(one): [s for s in scopes if s != one] for one in scopes}
    tokens[BOT_TOKEN] = scopes
    return {
        "slack": {
            "team": {"name": "Acme", "domain": "acme"},
            "strict_scopes": True,
            "users": [{"name": "ana", "real_name": "Ana Agent", "email": EMAIL}],
            "channels": [{"name": CHANNEL_NAME}],
            "oauth_apps": [app],
            "incoming_webhooks": [{"channel": CHANNEL_NAME}],
            "tokens": [
                *(
                    {"token": t, "user": BOT, "bot_id": "B0DESKSIDE", "scopes": s}
                    for t, s in tokens.items()
                ),
                {"token": ANA_TOKEN, "user": "ana"},
            ],
        }
    }
