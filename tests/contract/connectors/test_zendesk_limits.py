"""What Zendesk asked to wait for is waited for by every call it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.events import Health, Later
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.checks import run
from plugin_ui.doubles.zendesk import ZendeskDouble
from tests.contract.connectors.conftest import MovableClock
from tests.contract.connectors.zendesk_parts import account, double, known, new_ticket

__all__ = ["double"]

ONE_TICKET = "zendesk-ratelimit-per-ticket-updates"


@pytest.fixture
def clock() -> MovableClock:
    """What the session takes for the time."""
    return MovableClock()


@pytest.fixture
def api(double: ZendeskDouble, clock: MovableClock) -> Iterator[ZendeskApi]:
    """The API as a session opens it."""
    opened = ZendeskApi(account(double), clock, Health())
    yield opened
    opened.close()


def _limited(api: ZendeskApi, number: str) -> float | None:
    with pytest.raises(Later) as limited:
        api.read(number)
    return limited.value.retry_after


def test_nothing_is_sent_into_a_limit(
    double: ZendeskDouble, api: ZendeskApi, clock: MovableClock
) -> None:
    """After a 429 no other call is made until its time, and then calls are made."""
    first, second = new_ticket(double), new_ticket(double)
    double.fail("status", status=429, retry_after="60")
    assert _limited(api, first) == 60
    clock.at += timedelta(seconds=20)
    assert _limited(api, second) == 40
    assert [check.name for check in run(api, known(double), clock) if not check.ok] == [
        "host"
    ]
    assert len(double.ledger) == 1
    clock.at += timedelta(seconds=40)
    assert api.read(second).ticket["id"] == int(second)


def test_one_tickets_own_limit_holds_up_no_other(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """A limit with a name is about calls like this one while the account has some."""
    first, second = new_ticket(double), new_ticket(double)
    double.limits = {
        "X-Rate-Limit-Remaining": "600",
        ONE_TICKET: "total=30; remaining=0; resets=468",
    }
    double.fail("status", status=429, retry_after="468", method="PUT")
    for _ in range(2):
        with pytest.raises(Later):
            api.update(first, "", {}, "A note")
    assert len(double.writes()) == 1
    api.read(first)
    api.update(second, "", {}, "A note")
    double.limits["X-Rate-Limit-Remaining"] = "0"
    double.fail("status", status=429, retry_after="9", method="GET")
    _limited(api, first)
    _limited(api, second)
    with pytest.raises(Later):
        api.update(second, "", {}, "Another note")
    assert len(double.writes()) == 2
