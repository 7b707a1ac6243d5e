"""Reading past tickets, on an administrator's request; nothing is written back.

The request and its progress are one record, ``backfill``, that the administrator's
command writes and this reads: ``state`` is ``running``, ``paused`` or ``done``, and
``page`` names the tickets of the present page that are read. A place in the page would
not do: a ticket that changes leaves it, and what follows moves up.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from connectors.clock import Clock
from connectors.desk import Desk
from connectors.events import parse_time
from connectors.zendesk.api import Changes, NotFound, ZendeskApi
from connectors.zendesk.conversation import thread_of
from connectors.zendesk.follow import last_reply
from connectors.zendesk.settings import Account
from connectors.zendesk.ticket import to_ticket

RECORD = "backfill"
# Between two polls, so that catching up is never held up for long.
_BUDGET_SECONDS = 20.0


def step(
    api: ZendeskApi, desk: Desk, clock: Clock, account: Account, own_id: int
) -> int:
    """Read past tickets for a while; return how many were stored."""
    value, etag = desk.record(RECORD)
    asked = _asked(value)
    since = parse_time(asked.get("since"))
    if asked.get("state") != "running" or since is None:
        return 0
    if "total" not in asked:
        asked |= {"total": api.count_since(since), "done": 0, "page": [], "cursor": ""}
        asked["started_at"] = clock.now().isoformat()
        etag = desk.keep(RECORD, json.dumps(asked).encode(), etag)
    # A place in the page is what was kept before; that page is read anew.
    asked["done"] -= int(asked.pop("at", 0))
    asked.setdefault("page", [])
    return _read(api, desk, account, own_id, asked, since, etag)


def _read(
    api: ZendeskApi,
    desk: Desk,
    account: Account,
    own_id: int,
    asked: dict[str, Any],
    since: datetime,
    etag: str,
) -> int:
    end = time.monotonic() + _BUDGET_SECONDS
    stored = 0
    while asked["state"] == "running" and time.monotonic() < end:
        cursor = str(asked["cursor"])
        page = api.changed_after(cursor) if cursor else api.changed_since(since)
        try:
            for number in _unread(asked, page):
                stored += _store(api, desk, account, own_id, number)
                asked["page"].append(number)
                asked["done"] += 1
                if time.monotonic() >= end:
                    break
            if not _unread(asked, page):
                asked |= {"page": [], "cursor": page.cursor}
                if page.end or not page.cursor:
                    asked["state"] = "done"
        finally:
            # Also when a limit ends it: what is read need not be read again.
            # The count is of the search, the pages are of all that has changed.
            asked["total"] = max(asked["total"], asked["done"])
            # TryAgain here means that the administrator has changed it, to a pause say.
            etag = desk.keep(RECORD, json.dumps(asked).encode(), etag)
    return stored


def _unread(asked: dict[str, Any], page: Changes) -> list[str]:
    """Return the numbers of the page that are to be read.

    What has left the page since is forgotten: it comes again among the later ones,
    and is counted there.
    """
    numbers = dict.fromkeys(str(ticket.get("id") or "") for ticket in page.tickets)
    here = [number for number in asked["page"] if number in numbers]
    asked["done"] -= len(asked["page"]) - len(here)
    asked["page"] = here
    return [number for number in numbers if number not in here]


def _store(
    api: ZendeskApi, desk: Desk, account: Account, own_id: int, number: str
) -> int:
    if not number.isdigit():
        return 0
    try:
        found = api.read(number)
    except NotFound:
        return 0
    thread = thread_of(found.ticket, found.comments, found.users, own_id)
    if thread.status == "deleted":
        return 0
    ticket_id = desk.upsert(to_ticket(thread, account)).ticket.id
    text = last_reply(thread)
    if thread.status in ("solved", "closed") and text:
        key = desk.key("resolution", ticket_id, thread.version)
        desk.record_resolution(ticket_id, text[:10_000], key)
    return 1


def _asked(value: bytes) -> dict[str, Any]:
    try:
        found = json.loads(value or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
