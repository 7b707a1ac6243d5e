"""What the real API was recorded to answer, read through our use of zenpy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.clock import SystemClock
from connectors.events import Health
from connectors.zendesk.api import ZendeskApi
from plugin_ui.doubles.zendesk import ZendeskDouble
from tests.contract.connectors.zendesk_parts import account, double

__all__ = ["double"]

SAMPLES = Path(__file__).resolve().parents[2] / "data/payloads/go-zendesk/GET"
LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)


@pytest.fixture
def api(double: ZendeskDouble) -> Iterator[ZendeskApi]:
    """The API as a session opens it."""
    opened = ZendeskApi(account(double), SystemClock(), Health())
    yield opened
    opened.close()


def _sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def test_a_recorded_ticket_is_read_with_comments_and_people(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """Every field, turn and person that was recorded arrives as it was."""
    ticket, people = _sample("ticket"), _sample("users")
    comments = _sample("ticket_comments") | {"meta": {"has_more": False}}
    double.recorded = {
        "/api/v2/tickets/2.json": ticket,
        "/api/v2/tickets/2/comments.json": comments,
        "/api/v2/users/show_many.json": people,
    }
    found = api.read("2")
    for name in ("id", "subject", "status", "priority", "updated_at", "tags"):
        assert found.ticket[name] == ticket["ticket"][name]
    assert [c["body"] for c in found.comments] == [
        comment["body"] for comment in comments["comments"]
    ]
    assert {u["name"] for u in found.users.values()} == {
        user["name"] for user in people["users"]
    }


def test_recorded_lists_are_read_to_their_end(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """Lists without a cursor say by `next_page` that there is no more."""
    double.recorded = {
        "/api/v2/macros/active.json": _sample("macros"),
        "/api/v2/incremental/tickets/cursor.json": _sample("tickets"),
    }
    assert [macro["id"] for macro in api.macros()] == [25, 26]
    assert [t["id"] for t in api.changed_since(LONG_AGO).tickets] == [
        ticket["id"] for ticket in _sample("tickets")["tickets"]
    ]


def test_pages_told_by_an_address_are_all_read(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """Where Zendesk knows no cursor, the next page is asked for by its number."""
    address = "https://acme.zendesk.com/api/v2/macros/active.json?page=2&per_page=100"
    double.recorded = {"/api/v2/macros/active.json": {**_sample("macros")}}
    first = double.recorded["/api/v2/macros/active.json"]
    first["next_page"] = address
    found = []
    for macro in api.macros():
        found.append(macro["id"])
        if len(found) == 2:
            first["next_page"] = None
    assert found == [25, 26, 25, 26]
    assert double.ledger[-1].path.endswith("active.json?page=2&per_page=100")


def test_recorded_counts_audits_and_people_are_read(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """The number of tickets, what changed on one, and who we are."""
    double.recorded = {
        "/api/v2/search/count.json": _sample("search_count_ticket"),
        "/api/v2/tickets/666/audits.json": _sample("ticket_audits"),
        "/api/v2/users/me.json": _sample("user"),
    }
    assert api.count_since(LONG_AGO) == 10
    (audit,) = api.audits("666")
    assert audit["events"][0]["body"] == "This is a new private comment"
    assert api.me()["id"] == 369531345753
