"""Our use of zenpy against the double: faults, limits, and nothing sent twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.clock import SystemClock
from connectors.events import Health, Later, TryAgain
from connectors.zendesk.api import Conflict, NotFound, Unknown, ZendeskApi
from connectors.zendesk.checks import run
from connectors.zendesk.conversation import thread_of
from plugin_ui.doubles.zendesk import BOT, ZendeskDouble
from tests.contract.connectors.zendesk_parts import account, double, known, new_ticket

__all__ = ["double"]


@pytest.fixture
def health() -> Health:
    """What the session would report."""
    return Health()


@pytest.fixture
def api(double: ZendeskDouble, health: Health) -> Iterator[ZendeskApi]:
    """The API as a session opens it."""
    opened = ZendeskApi(account(double), SystemClock(), health)
    yield opened
    opened.close()


def test_a_ticket_is_read_by_three_calls(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """Ticket, comments and people: one call each, whatever their number."""
    number = new_ticket(double)
    double.desk.add_comment(int(number), "We are looking.", 235324)
    found = api.read(number)
    thread = thread_of(found.ticket, found.comments, found.users, BOT)
    assert [comment.author_name for comment in thread.public] == [
        "Ana Customer",
        "Jo Agent",
    ]
    assert len(double.ledger) == 3


def test_note_tags_and_fields_are_one_request(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """One PUT carries note, tags and priority, guarded by the time that was read."""
    number = new_ticket(double)
    stamp = str(api.read(number).ticket["updated_at"])
    fields = {"additional_tags": ["billing"], "priority": "high"}
    api.update(number, stamp, fields, "A note")
    (write,) = double.writes()
    assert write.body["ticket"]["comment"] == {"body": "A note", "public": False}
    assert write.body["ticket"]["safe_update"] is True
    assert double.desk.notes(int(number)) == ["A note"]
    assert double.desk.tickets[int(number)]["priority"] == "high"
    assert double.desk.tickets[int(number)]["tags"] == ["billing"]


def test_a_ticket_that_has_changed_is_not_written(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """409: somebody was faster, nothing is written."""
    number = new_ticket(double)
    with pytest.raises(Conflict):
        api.update(number, "2020-01-01T00:00:00Z", {}, "A note")
    assert double.desk.notes(int(number)) == []


def test_a_write_that_is_cut_off_is_sent_once(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """The library alone would send it four times; here nobody knows, and asks."""
    number = new_ticket(double)
    stamp = str(api.read(number).ticket["updated_at"])
    double.fail("cut", method="PUT", times=4)
    with pytest.raises(Unknown):
        api.update(number, stamp, {}, "A note")
    assert len(double.writes()) == 1
    assert double.desk.notes(int(number)) == ["A note"]


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 1, 1),
        ("99999999", 3600, 3600),
        ("soon", 60, 60),
        ("", 60, 60),
        ("-3", 1, 1),
        ("nan", 1, 3600),
        ("Sat, 21 Nov 2026 21:00:00 +99999999999999999999", 1, 3600),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 3600, 3600),
    ],
)
def test_a_limit_says_when_and_holds_no_thread(
    double: ZendeskDouble,
    api: ZendeskApi,
    retry_after: str,
    least: float,
    most: float,
) -> None:
    """429 is answered at once by a moment to come again, within an hour."""
    number = new_ticket(double)
    double.fail("status", status=429, retry_after=retry_after)
    began = time.monotonic()
    with pytest.raises(Later) as limited:
        api.read(number)
    assert time.monotonic() - began < 10
    assert limited.value.retry_after is not None
    assert least <= limited.value.retry_after <= most
    assert limited.value.reason == "VENDOR_RATE_LIMITED"


def test_a_limit_given_as_a_date_is_understood(
    double: ZendeskDouble, api: ZendeskApi
) -> None:
    """Retry-After has a second form, a date, on which the library falls over."""
    number = new_ticket(double)
    then = datetime.now(UTC) + timedelta(seconds=90)
    text = then.strftime("%a, %d %b %Y %H:%M:%S GMT")
    double.fail("status", status=429, retry_after=text)
    with pytest.raises(Later) as limited:
        api.read(number)
    assert 80 <= (limited.value.retry_after or 0) <= 91


@pytest.mark.parametrize("kind", ["status", "html"])
def test_a_read_survives_a_short_outage(
    double: ZendeskDouble, api: ZendeskApi, kind: str
) -> None:
    """Two 5xx in a row, as JSON or as a page, are asked again a little later."""
    number = new_ticket(double)
    double.fail(kind, status=503, times=2)
    assert api.read(number).ticket["id"] == int(number)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "status": 500}, "VENDOR_UNAVAILABLE"),
        ({"kind": "html", "status": 502}, "VENDOR_UNAVAILABLE"),
        ({"kind": "refuse"}, "VENDOR_UNREACHABLE"),
        ({"kind": "html", "status": 200}, "VENDOR_UNREADABLE"),
        ({"kind": "status", "status": 401}, "VENDOR_CREDENTIALS"),
        ({"kind": "status", "status": 403}, "VENDOR_PERMISSION"),
        (
            {"kind": "redirect", "status": 302, "target": "http://127.0.0.1:1/"},
            "VENDOR_UNREADABLE",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_failure_has_a_name(
    double: ZendeskDouble, api: ZendeskApi, fault: dict[str, object], reason: str
) -> None:
    """What is wrong is said in a word, never as the library's own error."""
    number = new_ticket(double)
    double.fail(**{"times": 3, **fault})  # type: ignore[arg-type]  # by name
    with pytest.raises(TryAgain) as failed:
        api.read(number)
    assert failed.value.reason == reason


def test_refused_credentials_show_in_the_health(
    double: ZendeskDouble, api: ZendeskApi, health: Health
) -> None:
    """An expired token is reported until a call works again."""
    number = new_ticket(double)
    double.token = "another"
    with pytest.raises(Later):
        api.read(number)
    assert not health.credentials_valid
    assert "token" in health.message
    double.token = double.settings["api_token"]
    api.read(number)
    assert health.credentials_valid
    assert health.message == ""


def test_the_rate_limit_is_read_from_the_headers(
    double: ZendeskDouble, api: ZendeskApi, health: Health
) -> None:
    """What Zendesk says about the limit is what the status shows."""
    api.read(new_ticket(double))
    assert health.rate_limit_remaining == 699


_TICKETS = "zendesk-rate-limit-tickets-update"
_ONE_TICKET = "zendesk-ratelimit-per-ticket-updates"


@pytest.mark.parametrize(
    ("headers", "remaining", "resets"),
    [
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "698"}, 698, None),
        (
            {
                "ratelimit-limit": "700",
                "ratelimit-remaining": "697",
                "ratelimit-reset": "41",
            },
            697,
            41,
        ),
        ({"rate-limit-remaining": "5", "rate-limit-reset": "7"}, 5, 7),
        ({"X-Rate-Limit-Remaining": "9", "ratelimit-reset": "12"}, 9, 12),
        ({_ONE_TICKET: "total=30; remaining=29; resets=468"}, 29, 468),
        ({_TICKETS: "total=20; remaining=19; resets=59"}, 19, 59),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, 50, 5),
        (
            {
                "X-Rate-Limit-Remaining": "600",
                "ratelimit-reset": "30",
                _ONE_TICKET: "total=30; remaining=2; resets=468",
                _TICKETS: "total=100; remaining=80; resets=59",
            },
            2,
            468,
        ),
        ({"ratelimit-remaining": "3", "ratelimit-reset": "99999999999999"}, 3, 86_400),
        ({_TICKETS: f"remaining={'9' * 5000}; resets={'9' * 5000}"}, 10**9, 86_400),
        ({"ratelimit-remaining": "\xb2", "ratelimit-reset": "\xb3"}, -1, None),
        ({"X-Rate-Limit-Remaining": "-5", "x-rate-limit-reset": "soon"}, -1, None),
        ({_TICKETS: "total=20"}, -1, None),
        ({"X-Remaining": "4"}, -1, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_spelling_of_a_limit_is_read(
    double: ZendeskDouble,
    api: ZendeskApi,
    health: Health,
    headers: dict[str, str],
    remaining: int,
    resets: int | None,
) -> None:
    """The tightest limit told of is what is shown, with its own moment; no error."""
    double.limits = headers
    api.me()
    assert health.rate_limit_remaining == remaining
    if resets is None:
        assert health.rate_limit_reset_at is None
    else:
        assert health.rate_limit_reset_at is not None
        wait = health.rate_limit_reset_at - datetime.now(UTC)
        assert wait.total_seconds() == pytest.approx(resets, abs=3)


def test_a_missing_ticket_is_missing(double: ZendeskDouble, api: ZendeskApi) -> None:
    """404 is an answer, not a failure."""
    del double
    with pytest.raises(NotFound):
        api.read("404404")


def test_the_token_is_in_no_log(
    double: ZendeskDouble, api: ZendeskApi, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither credentials nor what customers wrote is logged, at any level."""
    caplog.set_level(logging.DEBUG)
    number = new_ticket(double)
    api.update(number, "", {}, "words of a customer")
    double.fail("status", status=401)
    with pytest.raises(Later):
        api.read(number)
    assert double.settings["api_token"] not in caplog.text
    assert "words of a customer" not in caplog.text


def test_changes_continue_at_the_cursor(double: ZendeskDouble, api: ZendeskApi) -> None:
    """Each change is in one page, and the cursor continues after it."""
    first = [double.desk.add_ticket(f"Ticket {n}", "Hello") for n in range(3)]
    page = api.changed_since(datetime.now(UTC) - timedelta(minutes=5))
    assert [ticket["id"] for ticket in page.tickets] == first
    assert page.end
    later = double.desk.add_ticket("Later", "Hello")
    following = api.changed_after(page.cursor)
    assert [ticket["id"] for ticket in following.tickets] == [later]


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        ({}, ""),
        ({"token": "another"}, "credentials"),
        ({"secret": ""}, "webhook_secret"),
        ({"role": "end-user"}, "permissions"),
        ({"id": 0}, "credentials"),
        ({"skew": timedelta(minutes=10)}, "clock"),
        ({"down": True}, "host"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_connection_test_says_what_is_wrong(
    double: ZendeskDouble, wrong: dict[str, object], check: str
) -> None:
    """Each thing that can be wrong is named by its check, with what to do."""
    given = wrong.get("skew")
    skew = given if isinstance(given, timedelta) else timedelta(0)

    class Clock:
        def now(self) -> datetime:
            return datetime.now(UTC) + skew

    double.token = str(wrong.get("token", double.token))
    double.desk.users[BOT]["role"] = wrong.get("role", "agent")
    double.desk.users[BOT]["id"] = wrong.get("id", BOT)
    if wrong.get("down"):
        double.fail("refuse", times=50)
    given = known(double, webhook_secret=str(wrong.get("secret", "s")))
    opened = ZendeskApi(account(double), Clock(), Health())
    checks = run(opened, given, Clock())
    opened.close()
    failed = [found for found in checks if not found.ok]
    assert [found.name for found in failed] == ([check] if check else [])
    assert all(found.message.endswith(".") for found in checks)
