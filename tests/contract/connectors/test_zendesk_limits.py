"""What Zendesk asked to wait for is waited for by every call it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.events import Credentials, Health, Later, Mode
from connectors.zendesk.api import ZendeskApi
from connectors.zendesk.checks import run
from connectors.zendesk.settings import account_of
from plugin_ui.doubles.zendesk import ZendeskDouble

ONE_TICKET = "zendesk-ratelimit-per-ticket-updates"


class MovedClock:
    """Stands still until it is moved."""

    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at


@pytest.fixture
def double() -> Iterator[ZendeskDouble]:
    """A double of its own for each test."""
    running = ZendeskDouble()
    yield running
    running.close()


@pytest.fixture
def clock() -> MovedClock:
    """What the session takes for the time."""
    return MovedClock()


@pytest.fixture
def api(double: ZendeskDouble, clock: MovedClock) -> Iterator[ZendeskApi]:
    """The API as a session opens it."""
    account = account_of(_known(double), allow_test_hosts=True)
    opened = ZendeskApi(account, clock, Health())
    yield opened
    opened.close()


def _known(double: ZendeskDouble) -> Credentials:
    settings = {**double.settings, "webhook_secret": "s"}
    return Credentials("zendesk", "default", Mode.SUGGEST, settings)


def _ticket(double: ZendeskDouble) -> str:
    return str(double.desk.add_ticket("Cannot log in", "Error 503 since today"))


def _limited(api: ZendeskApi, number: str) -> float | None:
    with pytest.raises(Later) as limited:
        api.read(number)
    return limited.value.retry_after


def test_nothing_is_sent_into_a_limit(
    double: ZendeskDouble, api: ZendeskApi, clock: MovedClock
) -> None:
    """After a 429 no other call is made until its time, and then calls are made."""
    first, second = _ticket(double), _ticket(double)
    double.fail("status", status=429, retry_after="60")
    assert _limited(api, first) == 60
    clock.at += timedelta(seconds=20)
    assert _limited(api, second) == 40
    assert [
        check.name for check in run(api, _known(double), clock) if not check.ok
    ] == ["host"]
    assert len(double.ledger) == 1
    clock.at += timedelta(seconds=40)
    assert api.read(second).ticket["id"] == int(second)


def test_one_tickets_own_limit_holds_up_no_other(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """A limit with a name is about calls like this one while the account has some."""
    first, second = _ticket(double), _ticket(double)
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
