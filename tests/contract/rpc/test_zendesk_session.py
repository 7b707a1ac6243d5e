"""A session of Zendesk over a real sidecar and the double: what must not go wrong."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from connectors.clock import SystemClock
from connectors.desk import Desk
from connectors.events import Credentials, Delivery, Mode
from connectors.zendesk.guide import ARTICLES, RECORD
from connectors.zendesk.session import ZendeskSession
from connectors.zendesk.settings import account_of
from plugin_ui.doubles.zendesk import BOT, ZendeskDouble
from plugin_ui.doubles.zendesk.desk import AGENT
from tests.contract.rpc.conftest import Running

_numbers = itertools.count(1)


class Place:
    """One account at the double and what is kept of it here."""

    def __init__(self, desk: Desk) -> None:
        self.double = ZendeskDouble()
        # Each test's tickets have numbers of their own in the shared sidecar.
        self.double.desk.numbers = itertools.count(next(_numbers) * 1000)
        self.desk = desk
        self.sessions: list[ZendeskSession] = []

    def session(self) -> ZendeskSession:
        """Return what a new process would work with."""
        settings = {**self.double.settings, "webhook_secret": "s"}
        known = Credentials("zendesk", "default", Mode.SUGGEST, settings)
        account = account_of(known, allow_test_hosts=True)
        self.sessions.append(ZendeskSession(account, known, self.desk, SystemClock()))
        return self.sessions[-1]

    def told(self, number: int) -> Delivery:
        """Return a new event that tells of a ticket."""
        payload = {"ticket_id": str(number)}
        event = f"evt_{next(_numbers)}"
        return Delivery(event, "zendesk.ticket.priority_changed", payload)


@pytest.fixture
def place(running: Running) -> Iterator[Place]:
    """An account for each test, in one sidecar."""
    with running.client() as client:
        made = Place(Desk(client, "zendesk", "default"))
        yield made
        for session in made.sessions:
            session.close()
        made.double.close()


def test_a_thread_of_nine_megabytes_is_stored_and_answered(place: Place) -> None:
    """More than one gRPC message holds: its first and newest turns are dealt with."""
    number = place.double.desk.add_ticket("Long one", "Hello, please help")
    for turn in range(100):
        place.double.desk.add_comment(number, f"{turn} " + "quoted mail " * 8_000)
    assert place.session().handle(place.told(number))["step"] == "written"
    stored = place.desk.find(str(number))
    assert stored is not None
    assert stored.messages[0].body == "Hello, please help"
    assert stored.messages[-1].body.startswith("99 ")
    assert len(stored.messages) < 101


def test_another_agents_token_does_not_write_every_note_again(place: Place) -> None:
    """What the agent of before has noted is found by its mark."""
    number = place.double.desk.add_ticket("Log in", "Hello, I cannot log in")
    assert place.session().handle(place.told(number))["step"] == "written"
    for comment in place.double.desk.comments[number]:
        if comment["author_id"] == BOT:
            comment["author_id"] = AGENT
    step = place.session().handle(place.told(number))["step"]
    assert step == "the note is there already"
    assert len(place.double.writes()) == 1


def _article(number: int, **more: object) -> dict[str, object]:
    article = {"id": number, "title": f"A{number}", "body": "<p>x y z</p>"}
    return {**article, "user_segment_id": None, **more}


def test_a_page_that_is_refused_holds_up_no_other(place: Place) -> None:
    """It is named in the status; what became internal is public no more."""
    guide = place.double.desk
    guide.articles = [_article(71), _article(72)]
    _look(place)
    deep = "<div>" * 3000 + "words" + "</div>" * 3000
    guide.articles = [_article(70, body=deep), _article(71, user_segment_id=9)]
    said = _look(place).health.message
    assert "article-70-public.html (DOCUMENT_UNREADABLE)" in said
    assert list(place.desk.documents(ARTICLES)) == ["article-71-internal.html"]
    later = place.session()
    later.poll()
    assert later.health.message == said
    del guide.articles[0]
    assert _look(place).health.message == ""


def _look(place: Place) -> ZendeskSession:
    """Look at Guide now, whenever it was looked at before."""
    _, etag = place.desk.record(RECORD)
    place.desk.keep(RECORD, b"{}", etag)
    session = place.session()
    session.poll()
    return session
