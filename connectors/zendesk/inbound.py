"""Zendesk's webhooks: verify the signature over the raw bytes, then read them.

A webhook is of one of two kinds: an event subscription, whose shape is Zendesk's, or
a trigger's, whose body an administrator wrote. Of both only identifiers and words of
an enumeration are kept: the ticket is read from the API, so what a customer wrote
lies in no queue.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.events import (
    Credentials,
    HookRequest,
    Inbound,
    Received,
    Refused,
    parse_object,
    parse_time,
)

FRESH = timedelta(minutes=5)
UNREADABLE = "zendesk.hook.unreadable"
TRIGGERED = "zendesk.ticket.triggered"
_PREFIX = "zen:event-type:"
_WORD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_ID = re.compile(r"[1-9][0-9]{0,19}")
_EVENT_ID = re.compile(r"[\x21-\x7e]{1,128}")
_KEPT_RAW = 64 * 1024


def receive(request: HookRequest, credentials: Credentials, now: datetime) -> Received:
    """Return what a webhook says happened; raises ``Refused``.

    401 without a fresh signature, 400 for a signed body nobody can read; that one is
    kept raw, so that an administrator sees it among the dead letters.
    """
    stamp = request.header("x-zendesk-webhook-signature-timestamp")
    verify(request, credentials.secrets("webhook_secret"), now)
    try:
        body = parse_object(request.body)
        event = _event(body) or _trigger(body, request.body, stamp)
    except ValueError as error:
        kept = _unreadable(request.body, stamp, str(error))
        raise Refused(400, "unreadable", (kept,)) from None
    return Received((event,))


def verify(request: HookRequest, secrets: tuple[str, ...], now: datetime) -> None:
    """Check base64(HMAC-SHA256(secret, timestamp + raw body)) and its age.

    The secret is used as text. Raises ``Refused`` (401) with the reason.
    """
    stamp = request.header("x-zendesk-webhook-signature-timestamp")
    given = request.header("x-zendesk-webhook-signature")
    if not stamp or not given:
        raise Refused(401, "signature_missing")
    if not secrets:
        raise Refused(401, "secret_not_set")
    message = stamp.encode("latin-1", "replace") + request.body
    found = _decoded(given)
    # Every secret is tried, so that the time tells nothing about which one fits.
    fits = [hmac.compare_digest(sign(secret, message), found) for secret in secrets]
    if not any(fits):
        raise Refused(401, "signature_wrong")
    signed_at = parse_time(stamp)
    if signed_at is None or abs(now - signed_at) > FRESH:
        raise Refused(401, "signature_stale")


def sign(secret: str, message: bytes) -> bytes:
    """Return the raw HMAC-SHA256 of a message under a secret used as text."""
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def _decoded(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
    # Base64 has several spellings of the same bytes; Zendesk uses one.
    return found if base64.b64encode(found).decode() == text else b""


def _event(body: Mapping[str, Any]) -> Inbound | None:
    kind = body.get("type")
    if not isinstance(kind, str) or not kind.startswith(_PREFIX):
        return None
    event_id = body.get("id")
    if not isinstance(event_id, str) or not _EVENT_ID.fullmatch(event_id):
        raise ValueError("an event without an id")
    word = kind.removeprefix(_PREFIX).lower()
    if len(word) > 80 or not _WORD.fullmatch(word):
        raise ValueError("an event of no kind")
    detail = _mapping(body.get("detail"))
    payload: dict[str, Any] = {}
    key = ""
    if word.startswith("ticket."):
        ticket_id = _ticket_id(detail.get("id"))
        payload = _facts(ticket_id, detail, _mapping(body.get("event")))
        key = f"zendesk:{ticket_id}"
    elif (subject := given(detail.get("id"))) and _ID.fullmatch(subject):
        payload = {"id": subject}
    return Inbound(
        f"zendesk.{word}", event_id, payload, parse_time(body.get("time")), key
    )


def _facts(
    ticket_id: str, detail: Mapping[str, Any], event: Mapping[str, Any]
) -> dict[str, Any]:
    comment = _mapping(event.get("comment"))
    facts: dict[str, Any] = {
        "ticket_id": ticket_id,
        "actor_id": _number(detail.get("actor_id")),
        "status": _enum(detail.get("status")),
        "priority": _enum(detail.get("priority")),
        "updated_at": given(detail.get("updated_at"))[:40],
        "comment_id": _number(comment.get("id")),
        "comment_author_id": _number(_mapping(comment.get("author")).get("id")),
        "current": _enum(event.get("current")),
        "previous": _enum(event.get("previous")),
        "target_ticket_id": _merged_into(event),
    }
    if isinstance(comment.get("is_public"), bool):
        facts["comment_public"] = comment["is_public"]
    return {name: value for name, value in facts.items() if value != ""}


def _merged_into(event: Mapping[str, Any]) -> str:
    # The catalogue names the event and not its members; these are what is seen.
    for name in ("target_ticket", "merged_into", "target"):
        found = event.get(name)
        if isinstance(found, Mapping):
            found = found.get("id")
        if number := _number(found):
            return number
    return _number(event.get("target_ticket_id"))


def _trigger(body: Mapping[str, Any], raw: bytes, stamp: str) -> Inbound:
    if "ticket_id" not in body:
        raise ValueError("neither an event nor a body with ticket_id")
    ticket_id = _ticket_id(body["ticket_id"])
    updated = given(body.get("updated_at"))[:40]
    # Ids alone are the same each time; then the signed moment tells calls apart.
    when = updated or stamp
    digest = hashlib.sha256(raw).hexdigest()[:32]
    payload = {
        "ticket_id": ticket_id,
        "status": _enum(body.get("status")),
        "priority": _enum(body.get("priority")),
        "updated_at": updated,
    }
    return Inbound(
        TRIGGERED,
        f"trigger:{ticket_id}:{when}:{digest}",
        {name: value for name, value in payload.items() if value},
        parse_time(updated) or parse_time(stamp),
        f"zendesk:{ticket_id}",
    )


def _unreadable(raw: bytes, stamp: str, why: str) -> Inbound:
    digest = hashlib.sha256(stamp.encode("latin-1", "replace") + raw).hexdigest()
    payload = {
        "why": why[:200],
        "size_bytes": len(raw),
        "raw_base64": base64.b64encode(raw[:_KEPT_RAW]).decode(),
    }
    return Inbound(UNREADABLE, f"unreadable:{digest}", payload, parse_time(stamp))


def given(value: object) -> str:
    """Return a value as text; "0", "" and null all mean that there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return "" if text == "0" else text


def _number(value: object) -> str:
    text = given(value)
    return text if _ID.fullmatch(text) else ""


def _ticket_id(value: object) -> str:
    text = _number(value)
    if not text:
        raise ValueError("a ticket without a number")
    return text


def _enum(value: object) -> str:
    """Return a word of an enumeration in lower case, whatever case it came in.

    ``current`` and ``previous`` of a subject hold the customer's words: those are
    left out.
    """
    text = given(value).lower()
    return text if re.fullmatch(r"[a-z_-]{1,20}|[0-9]{1,20}", text) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
