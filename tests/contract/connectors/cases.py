"""The hooks that the shared suite tries: one case each, all tests for free.

A new connector adds its case here and is tried with every forged, broken, repeated
and oversized request of this folder.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from plugin_ui.doubles import slack
from plugin_ui.doubles.zendesk.hooks import signed_headers

Settings = dict[str, str]


@dataclass(frozen=True, slots=True)
class HookCase:
    """One signed hook.

    ``sign`` returns the headers of a body for a secret and a moment; ``body`` makes a
    valid one that means a new event, ``unknown`` one of a kind nobody knows yet.
    ``secret_setting`` is the setting that may hold an old and a new secret.
    ``rejected`` is the type under which a signed body is kept that nobody can read,
    where it is not the receiver's own ("acme.rejected").
    """

    connector: str
    path: str
    secret_setting: str
    sign: Callable[[str, bytes, datetime], Mapping[str, str]]
    body: Callable[[], bytes]
    unknown: Callable[[], bytes]
    settings: Callable[[], Settings] = dict
    content_type: str = "application/json"
    signature_headers: tuple[str, ...] = ()
    reserialise: Callable[[bytes], bytes] | None = None
    unreadable: tuple[bytes, ...] = ()
    name: str = ""
    rejected: str = ""

    @property
    def rejected_type(self) -> str:
        """Type of the event that is kept of a signed body nobody can read."""
        return self.rejected or f"{self.connector}.rejected"

    @property
    def id(self) -> str:
        """Name for the test's report."""
        return self.name or self.path.replace("/", "-")

    def set_up(self, secret: str) -> Settings:
        """Return settings with which the hook accepts what ``secret`` signed."""
        return {**self.settings(), self.secret_setting: secret}


def _zendesk_event(kind: str = "ticket.comment_added") -> bytes:
    event = {
        "account_id": 12514403,
        "id": str(uuid.uuid4()),
        "type": f"zen:event-type:{kind}",
        "time": "2026-02-03T10:15:30.672717030Z",
        "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:5158",
        "detail": {"id": "5158", "actor_id": "8447388090494", "status": "OPEN"},
        "event": {"comment": {"id": "9", "is_public": True, "body": "Still broken."}},
    }
    return json.dumps(event).encode()


def _zendesk_unknown() -> bytes:
    event = json.loads(_zendesk_event("moon.landed"))
    event["new_field"] = {"nested": [1, 2, 3]}
    return json.dumps(event).encode()


def _zendesk_trigger() -> bytes:
    body = {"ticket_id": "5158", "updated_at": str(uuid.uuid4()), "status": "Open"}
    return json.dumps(body).encode()


def _zendesk_sign(secret: str, body: bytes, now: datetime) -> Mapping[str, str]:
    return signed_headers(secret, now.strftime("%Y-%m-%dT%H:%M:%SZ"), body)


NOT_OBJECTS = (
    *(b"", b"null", b"[]", b"17", b'"text"', b"NaN", b"{", b"not json"),
    *(b'{"id":1,"id":2}', b'{"a":NaN}', b'{"a":Infinity}', b"{}", b'{"a":1e999999}'),
    *(b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b'{"id":"\xc3\x28"}'),
)


def _slack_sign(secret: str, body: bytes, now: datetime) -> Mapping[str, str]:
    return slack.signed_headers(secret, body, now.timestamp())


def _slack_settings() -> Settings:
    return {"team_id": slack.TEAM, "channel": slack.CHANNEL}


def _slack_event(kind: str = "app_mention") -> bytes:
    event = {"type": kind, "user": "U1", "text": "hi", "ts": "1.2", "channel": "C0ESC"}
    return slack.event_body(event, f"Ev{uuid.uuid4().hex}")


def _slack_nameless() -> bytes:
    event = json.loads(_slack_event())
    del event["event_id"]
    return json.dumps(event).encode()


def _slack_command() -> bytes:
    return slack.command_body("U1", "ask how", uuid.uuid4().hex)


def _slack_action(kind: str = "block_actions") -> bytes:
    payload = {
        "type": kind,
        "user": {"id": "U1"},
        "team": {"id": slack.TEAM},
        "channel": {"id": slack.CHANNEL},
        "container": {"message_ts": "1.2"},
        "actions": [{"action_id": "esc_ack", "action_ts": uuid.uuid4().hex}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


_FORM = "application/x-www-form-urlencoded"
_SLACK_HEADERS = ("X-Slack-Signature", "X-Slack-Request-Timestamp")
_NO_FORMS = (b"\xff\xfe", b"a", b"a=1&a=2", b"&".join([b"x=1"] * 60), b"a=%ff")
_NO_PAYLOADS = tuple(
    urlencode({"payload": text}).encode()
    for text in ("", "null", "[]", "{", '{"a":NaN}', '{"a":1,"a":2}', "[" * 9_999)
)

_ZENDESK_HEADERS = (
    "X-Zendesk-Webhook-Signature",
    "X-Zendesk-Webhook-Signature-Timestamp",
)

CASES: tuple[HookCase, ...] = (
    HookCase(
        connector="slack",
        path="slack/events",
        secret_setting="signing_secret",
        sign=_slack_sign,
        body=_slack_event,
        unknown=lambda: _slack_event("moon_landed"),
        settings=_slack_settings,
        signature_headers=_SLACK_HEADERS,
        reserialise=lambda body: json.dumps(json.loads(body), indent=1).encode(),
        unreadable=(
            *(b"", b"null", b"[]", b"17", b"NaN", b"{", b"\xff\xfe\x00"),
            _slack_nameless(),
        ),
    ),
    HookCase(
        connector="slack",
        path="slack/commands",
        secret_setting="signing_secret",
        sign=_slack_sign,
        body=_slack_command,
        unknown=lambda: _slack_command() + b"&new_field=1",
        settings=_slack_settings,
        content_type=_FORM,
        signature_headers=_SLACK_HEADERS,
        reserialise=lambda body: body.replace(b"+", b"%20"),
        unreadable=_NO_FORMS,
    ),
    HookCase(
        connector="slack",
        path="slack/interactivity",
        secret_setting="signing_secret",
        sign=_slack_sign,
        body=_slack_action,
        unknown=lambda: _slack_action("moon_landed"),
        settings=_slack_settings,
        content_type=_FORM,
        signature_headers=_SLACK_HEADERS,
        reserialise=lambda body: body.replace(b"+", b"%20"),
        unreadable=(*_NO_FORMS, *_NO_PAYLOADS),
    ),
    HookCase(
        connector="zendesk",
        path="zendesk",
        secret_setting="webhook_secret",
        sign=_zendesk_sign,
        body=_zendesk_event,
        unknown=_zendesk_unknown,
        signature_headers=_ZENDESK_HEADERS,
        reserialise=lambda body: json.dumps(json.loads(body), indent=1).encode(),
        unreadable=NOT_OBJECTS,
        rejected="zendesk.hook.unreadable",
    ),
    HookCase(
        connector="zendesk",
        path="zendesk",
        name="zendesk-trigger",
        secret_setting="webhook_secret",
        sign=_zendesk_sign,
        body=_zendesk_trigger,
        unknown=lambda: _zendesk_trigger()[:-1] + b',"new_field":[1]}',
        signature_headers=_ZENDESK_HEADERS,
        reserialise=lambda body: json.dumps(json.loads(body), indent=1).encode(),
        unreadable=(b'{"ticket_id":"5158","comment":"He said "stop""}', b"{}"),
        rejected="zendesk.hook.unreadable",
    ),
)
