"""What Slack sends: signed bodies of events, commands and pressed buttons."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

BOT_TOKEN, SIGNING_SECRET = (
    "xoxb-token-of-the-double",
    "8f742231b10e8888abcd99yyyzzz85a5",
)
TEAM, CHANNEL, BOT_USER, BOT_ID = "T061EG9R6", "C0ESC", "U0LAN0Z89", "B0OWN"


def signed_headers(secret: str, body: bytes, moment: float) -> dict[str, str]:
    """Return the headers with which Slack signs a body."""
    stamp = str(int(moment))
    signed = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def event_body(event: Mapping[str, Any], event_id: str) -> bytes:
    """Return the body of an Events API call."""
    body = {
        "type": "event_callback",
        "team_id": TEAM,
        "event_id": event_id,
        "event_time": 1770113729,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "is_ext_shared_channel": False,
        "event": dict(event),
    }
    return json.dumps(body).encode()


def command_body(user: str, text: str, trigger: str, response_url: str = "") -> bytes:
    """Return the body of a slash command."""
    fields = {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "user_id": user,
        "user_name": "ana",
        "command": "/deskside",
        "text": text,
        "response_url": response_url,
        "trigger_id": trigger,
    }
    return urlencode(fields).encode()


def pressed_body(
    user: str, card: Mapping[str, Any], action: str, **given: str
) -> bytes:
    """Return the body Slack sends when a person uses an element of a card."""
    for block in card["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == action:
                pressed = {
                    "type": element["type"],
                    "action_id": action,
                    "block_id": block.get("block_id", ""),
                    "action_ts": given.pop("action_ts", "1770113729.612345"),
                    **given,
                }
                if "value" in element:
                    pressed["value"] = element["value"]
                return _interaction(user, card, pressed)
    raise LookupError(f"the card has no {action}")


def _interaction(
    user: str, card: Mapping[str, Any], action: Mapping[str, Any]
) -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"message_ts": card["ts"], "channel_id": CHANNEL},
        "channel": {"id": CHANNEL},
        "response_url": "https://hooks.slack.com/actions/T061EG9R6/1/def",
        "actions": [dict(action)],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def submitted_body(user: str, callback: str, about: str, reason: str) -> bytes:
    """Return the body Slack sends when a person submits a dialog with a reason."""
    given = {"type": "plain_text_input", "value": reason}
    view = {
        "id": f"V{uuid.uuid4().hex[:9].upper()}",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about,
        "state": {"values": {"reason": {"reason_input": given}}},
    }
    payload = {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": user, "team_id": TEAM},
        "view": view,
        "response_urls": [],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()
