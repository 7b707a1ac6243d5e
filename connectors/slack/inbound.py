"""Slack's requests: verify over the raw bytes, parse, say what they mean; pure.

Facts: docs.slack.dev, "Verifying requests from Slack", "Events API",
"Handling user interaction" and "Slash commands".
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from connectors.connector import Hook
from connectors.events import (
    Credentials,
    HookRequest,
    Inbound,
    Mode,
    Received,
    Refused,
    Reply,
    parse_object,
)
from connectors.slack.reading import (
    dicts,
    interaction,
    moment,
    read_form,
    short,
    text_of,
    within,
)

EVENT = "slack.message"
COMMAND = "slack.command"
ACTION = "slack.action"
REJECTED = "slack.rejected"
IGNORED = "slack.ignored"
WINDOW_SECONDS = 300
_WANTED_MESSAGES = ("app_mention", "message")
# Words of a person: new ones, beside a file, in a thread and the channel at once.
_SPOKEN = ("", "file_share", "thread_broadcast")
# The first word on a command; where nothing may be written it is also the last.
_FIRST_WORDS = {
    Mode.SHADOW: "Deskside only watches for now (mode shadow): no answer will come.",
    Mode.OFF: "Deskside is switched off here.",
}
_MENTIONED = re.compile(r"<@([UW][A-Z0-9]+)[|>]")
_Parsed = TypeVar("_Parsed")
_EMPTY = Reply(200, b"", "text/plain")
_LATER = Reply(503, b"", "text/plain", (("Retry-After", "5"),))


def receive_event(
    request: HookRequest, credentials: Credentials, now: datetime
) -> Received:
    """Read a call of the Events API."""
    verify(request, credentials, now)
    body = _readable(request, lambda: parse_object(request.body))
    kind = body.get("type")
    if kind == "url_verification":
        challenge = str(body.get("challenge", ""))[:500]
        answer = json.dumps({"challenge": challenge}).encode()
        return Received(reply=Reply(200, answer))
    _check_team(body.get("team_id"), credentials)
    if kind != "event_callback":  # `app_rate_limited` and what may come later
        return Received(
            (_ignored(request, kind, text_of(body.get("event_id"))),), _EMPTY
        )
    event = _message(body)
    return Received((event,) if event else (), _EMPTY)


def receive_command(
    request: HookRequest, credentials: Credentials, now: datetime
) -> Received:
    """Read a slash command; what it asks for is answered later."""
    verify(request, credentials, now)
    form = _readable(request, lambda: read_form(request.body))
    if form.get("ssl_check") == "1":
        return Received(reply=_EMPTY)
    _check_team(form.get("team_id"), credentials)
    names = "text", "user_id", "channel_id", "team_id", "response_url", "trigger_id"
    payload = {name: form.get(name, "")[:4_000] for name in names}
    if not payload["user_id"] or not payload["trigger_id"]:
        raise _rejected(request, "incomplete_command")
    event = Inbound(COMMAND, f"command:{payload['trigger_id']}", payload)
    text = _FIRST_WORDS.get(credentials.mode, "One moment …")
    first = {"response_type": "ephemeral", "text": text}
    return Received((event,), Reply(200, json.dumps(first).encode()))


def receive_action(
    request: HookRequest, credentials: Credentials, now: datetime
) -> Received:
    """Read a pressed button, a choice, or a submitted dialog."""
    verify(request, credentials, now)
    body = _readable(request, lambda: interaction(request.body))
    _check_team(within(body, "team", "id"), credentials)
    user = text_of(within(body, "user", "id"))
    if not user:
        raise _rejected(request, "no_user")
    kind = body.get("type")
    if kind == "block_actions":
        events = tuple(_pressed(body, user))
    elif kind == "view_submission":
        events = (_submitted(body, user),)
    else:
        events = ()
    return Received(events or (_ignored(request, kind),), _EMPTY)


def verify(request: HookRequest, credentials: Credentials, now: datetime) -> None:
    """Raise ``Refused(401)`` unless Slack signed these bytes in the last 5 minutes."""
    stamp = request.header("X-Slack-Request-Timestamp")
    given = request.header("X-Slack-Signature")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or not given:
        raise Refused(401, "signature_missing")
    if abs(now.timestamp() - int(stamp)) > WINDOW_SECONDS:
        raise Refused(401, "signature_stale")
    # Over the bytes: the vendor's own helper decodes them first, and raises.
    signed = b"v0:" + stamp.encode() + b":" + request.body
    for secret in credentials.secrets("signing_secret"):
        own = "v0=" + hmac.new(secret.encode(), signed, sha256).hexdigest()
        if hmac.compare_digest(own.encode(), given.encode()):
            return
    raise Refused(401, "signature_wrong")


def _message(body: Mapping[str, Any]) -> Inbound | None:
    """Return what a person said to us, None for what goes by in the channel."""
    event = body.get("event")
    event = event if isinstance(event, dict) else {}
    event_id, kind = text_of(body.get("event_id")), text_of(event.get("type"))
    if not event_id:
        raise Refused(400, "no_event_id")
    if kind not in _WANTED_MESSAGES:
        return _unknown(event_id, kind)
    if not _is_for_us(event, body):
        return None
    names = "user", "text", "channel", "ts", "thread_ts", "channel_type"
    payload = {name: text_of(event.get(name))[:8_000] for name in names}
    return Inbound(
        EVENT,
        event_id,
        payload | {"kind": kind},
        occurred_at=moment(body.get("event_time")),
        ticket_key=_thread(payload),
    )


def _is_for_us(event: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    own = {text_of(a.get("user_id")) for a in dicts(body.get("authorizations"))}
    user = text_of(event.get("user"))
    if not user or user in own or event.get("bot_id"):
        return False  # our own words come back, too: the loop ends here
    if text_of(event.get("subtype")) not in _SPOKEN:
        return False
    if body.get("is_ext_shared_channel"):
        return False  # people of another company read along there
    return event.get("type") == "app_mention" or _is_follow_up(event, own)


def _is_follow_up(event: Mapping[str, Any], own: set[str]) -> bool:
    """Say whether a plain message may be for us: a direct one, or one in a thread.

    A mention in a channel comes as ``app_mention`` as well, and counts as that.
    """
    if event.get("channel_type") == "im":
        return True
    mentioned = set(_MENTIONED.findall(text_of(event.get("text"))))
    return bool(event.get("thread_ts")) and not mentioned & own


def _pressed(body: Mapping[str, Any], user: str) -> list[Inbound]:
    found = []
    for action in dicts(body.get("actions"))[:5]:
        payload = {
            "user": user,
            "action": text_of(action.get("action_id")),
            "block": text_of(action.get("block_id")),
            "value": text_of(action.get("value")) or _value_beside(body, action),
            "chosen_user": text_of(action.get("selected_user")),
            "channel": text_of(within(body, "channel", "id")),
            "message_ts": text_of(within(body, "container", "message_ts")),
            "response_url": text_of(body.get("response_url")),
        }
        stamp = text_of(action.get("action_ts"))
        key = f"action:{payload['message_ts']}:{stamp}:{user}:{payload['action']}"
        found.append(Inbound(ACTION, short(key), payload))
    return found


def _value_beside(body: Mapping[str, Any], action: Mapping[str, Any]) -> str:
    """Return the value of the buttons in the block of a menu, which has none."""
    for block in dicts(within(body, "message", "blocks")):
        if block.get("block_id") == action.get("block_id"):
            values = (text_of(e.get("value")) for e in dicts(block.get("elements")))
            return next(filter(None, values), "")
    return ""


def _submitted(body: Mapping[str, Any], user: str) -> Inbound:
    view = body.get("view")
    view = view if isinstance(view, dict) else {}
    reason = within(view, "state", "values", "reason", "reason_input", "value")
    payload = {
        "user": user,
        "action": text_of(view.get("callback_id")),
        "value": text_of(view.get("private_metadata")),
        "text": text_of(reason)[:1_000],
    }
    return Inbound(ACTION, short(f"view:{text_of(view.get('id'))}:{user}"), payload)


def _readable(request: HookRequest, parse: Callable[[], _Parsed]) -> _Parsed:
    """Return what is in a signed body; one nobody can read is kept as rejected."""
    try:
        return parse()
    except (ValueError, KeyError):
        raise _rejected(request, "unreadable") from None


def _rejected(request: HookRequest, reason: str) -> Refused:
    digest = sha256(request.body).hexdigest()
    event = Inbound(
        REJECTED, f"rejected:{digest}", {"reason": reason, "bytes": len(request.body)}
    )
    return Refused(400, reason, (event,))


def _ignored(request: HookRequest, kind: object, own_id: str = "") -> Inbound:
    """Return that something came of which nothing is made; of its content nothing."""
    digest = sha256(request.body).hexdigest()
    return _unknown(own_id or f"ignored:{digest}", kind)


def _unknown(own_id: str, kind: object) -> Inbound:
    return Inbound(IGNORED, short(own_id), {"kind": text_of(kind)[:100]})


def _check_team(team: object, credentials: Credentials) -> None:
    if text_of(team) != credentials.get("team_id"):
        raise Refused(403, "other_team")


def _thread(payload: Mapping[str, Any]) -> str:
    """Return what keeps order: the turns of one thread."""
    root = payload.get("thread_ts") or payload.get("ts")
    return f"slack:{payload['channel']}:{root}" if root else ""


_FORM = ("application/x-www-form-urlencoded",)
HOOKS = (
    Hook("slack/events", ("application/json",), receive_event, _LATER),
    Hook("slack/commands", _FORM, receive_command, _LATER),
    Hook("slack/interactivity", _FORM, receive_action, _LATER),
)
