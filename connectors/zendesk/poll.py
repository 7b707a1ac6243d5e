"""Catching up: which tickets have changed, whether or not a webhook told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import Inbound, parse_time
from connectors.zendesk.api import Changes, ZendeskApi
from connectors.zendesk.inbound import given

CHANGED = "zendesk.ticket.changed"
RECORD = "cursor:tickets"
# The export allows ten calls a minute, and other programs use it as well.
_PAGES = 5
# The first look goes back this far; what is older comes by a backfill.
_FIRST_LOOK = timedelta(minutes=15)


def catch_up(api: ZendeskApi, desk: Desk, clock: Clock) -> int:
    """Publish each ticket that changed since the last look; return how many were new.

    The cursor is kept after its page is stored: a crash in between publishes the
    page again, and repeats are recognised by ticket and time of change.
    """
    value, etag = desk.record(RECORD)
    cursor = _cursor(value)
    fresh = 0
    for _ in range(_PAGES):
        page = _page(api, cursor, clock)
        for ticket in page.tickets:
            event = changed(ticket)
            if event is not None and not desk.publish(event):
                fresh += 1
        if page.cursor and page.cursor != cursor:
            kept = json.dumps({"cursor": page.cursor}).encode()
            etag = desk.keep(RECORD, kept, etag)
            cursor = page.cursor
        if page.end or not page.cursor:
            break
    return fresh


def changed(ticket: Mapping[str, Any]) -> Inbound | None:
    """Return the event that says that a ticket has changed, None for a strange one."""
    number = given(ticket.get("id"))
    stamp = given(ticket.get("updated_at"))[:40]
    if not number.isdigit() or not stamp:
        return None
    return Inbound(
        CHANGED,
        # A solved ticket may be deleted within the same second.
        f"changed:{number}:{stamp}:{given(ticket.get('status')).lower()[:20]}",
        {"ticket_id": number, "updated_at": stamp},
        parse_time(stamp),
        f"zendesk:{number}",
    )


def _page(api: ZendeskApi, cursor: str, clock: Clock) -> Changes:
    if cursor:
        return api.changed_after(cursor)
    return api.changed_since(clock.now() - _FIRST_LOOK)


def _cursor(value: bytes) -> str:
    if not value:
        return ""
    try:
        return str(json.loads(value).get("cursor") or "")
    except (ValueError, AttributeError):
        return ""
