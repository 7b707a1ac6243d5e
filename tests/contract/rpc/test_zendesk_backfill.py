"""A backfill reads every ticket, whatever changes while it goes on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.clock import SystemClock
from connectors.desk import Desk
from connectors.events import Health, Later
from connectors.zendesk import api as api_module
from connectors.zendesk import backfill
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.settings import Account
from plugin_ui.doubles.zendesk import BOT, ZendeskDouble
from tests.contract.rpc.conftest import Running

_numbers = itertools.count(500)


class Past:
    """Twelve tickets of an account, five on the first page, and a backfill of them."""

    def __init__(self, desk: Desk) -> None:
        self.double = ZendeskDouble()
        self.double.desk.numbers = itertools.count(next(_numbers) * 1000)
        self.desk = desk
        given = self.double.settings
        base = self.double.base_url
        self.account = Account("acme", given["email"], given["api_token"], base)
        self.api = ZendeskApi(self.account, SystemClock(), Health())
        add = self.double.desk.add_ticket
        self.numbers = [add(f"Past {n}", "It was broken.") for n in range(12)]
        self.keep({"state": "running"})

    def keep(self, asked: dict[str, Any]) -> None:
        """Put the record in place of what there is."""
        since = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        _, etag = self.desk.record(backfill.RECORD)
        value = json.dumps({"since": since, **asked}).encode()
        self.desk.keep(backfill.RECORD, value, etag)

    def step(self) -> dict[str, Any]:
        """Read for a moment and return the record."""
        backfill.step(self.api, self.desk, SystemClock(), self.account, BOT)
        return self.record()

    def record(self) -> dict[str, Any]:
        """Return request and progress."""
        found: dict[str, Any] = json.loads(self.desk.record(backfill.RECORD)[0])
        return found

    def missing(self) -> list[int]:
        """Return the tickets that are not stored."""
        return [n for n in self.numbers if self.desk.find(str(n)) is None]


@pytest.fixture
def past(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Past]:
    """Steps are so short that each reads a ticket or two."""
    monkeypatch.setattr(api_module, "_PAGE", 5)
    monkeypatch.setattr(backfill, "_BUDGET_SECONDS", 0.05)
    with running.client() as client:
        made = Past(Desk(client, "zendesk", "default"))
        yield made
        made.api.close()
        made.double.close()


def test_tickets_that_change_meanwhile_hide_no_others(past: Past) -> None:
    """What leaves a page it was read on makes what moves up no less unread."""
    waiting = list(past.numbers)
    for _ in range(100):
        record = past.step()
        assert 0 <= record["done"] <= record["total"]
        if record["state"] == "done":
            break
        read = [n for n in waiting if str(n) in record["page"]]
        for number in read[:1]:
            waiting.remove(number)
            past.double.desk.change(number, priority="high")
    assert past.record()["state"] == "done"
    assert past.missing() == []
    assert len(waiting) < len(past.numbers) - 2


def test_a_record_with_a_place_in_the_page_is_gone_on_with(past: Past) -> None:
    """Of an older version's record the present page is read from its beginning."""
    past.keep({"state": "running", "total": 12, "done": 3, "at": 3, "cursor": ""})
    for _ in range(100):
        record = past.step()
        assert record["done"] <= record["total"] == 12
        assert "at" not in record
        if record["state"] == "done":
            break
    assert past.record()["done"] == 12
    assert past.missing() == []


def test_what_was_read_before_a_limit_is_not_read_again(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 429 in the middle of a page loses none of its progress."""
    monkeypatch.setattr(backfill, "_BUDGET_SECONDS", 20.0)
    third = str(past.numbers[2])
    past.double.fail("status", status=429, retry_after="1", path=f"{third}.json")
    with pytest.raises(Later):
        past.step()
    assert past.record()["page"] == [str(n) for n in past.numbers[:2]]
    assert past.record()["done"] == 2
