"""Recorded answers of Zendesk's API become tickets, people, knowledge and changes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.zendesk.changes import from_audits
from connectors.zendesk.conversation import thread_of
from connectors.zendesk.guide import macro_page
from connectors.zendesk.poll import changed
from connectors.zendesk.settings import Account
from connectors.zendesk.ticket import to_ticket
from sidecar.v1 import ticket_pb2 as pb

DATA = Path(__file__).resolve().parents[2] / "data/payloads/go-zendesk"
MORE = os.environ.get("PAYLOADS", "")
_ELSEWHERE = Path(MORE).glob("go-zendesk/**/*.json") if MORE else ()
# Of answers to questions we never ask nothing is read.
_NAMES = re.compile(
    r"(?!search_count)(?:\w+_)?(?:ticket|user|macro|comment|audit)(?:s|_show_many)?"
)
FILES = sorted(
    path
    for path in (*DATA.rglob("*.json"), *_ELSEWHERE)
    if path.parent.name in ("GET", "POST", "PUT") and _NAMES.fullmatch(path.stem)
)
ACCOUNT = Account("acme", "bot@acme.example", "t", "https://acme.zendesk.com")


def _find(found: object, name: str) -> list[dict[str, Any]]:
    if not isinstance(found, dict):
        return []
    one, many = found.get(name), found.get(f"{name}s") or []
    if name not in found and "results" in found:
        many = [item for item in found["results"] if item["result_type"] == name]
    items = [one] if isinstance(one, dict) else many
    return [item for item in items if isinstance(item, dict)]


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_recorded_answer_is_read(path: Path) -> None:
    """Tickets, turns, people, macros and audits of the samples are understood."""
    sample = json.loads(path.read_text())
    read = [len([check(item) for item in _find(sample, n)]) for n, check in READ]
    assert sum(read) > 0


def _check_ticket(ticket: dict[str, Any]) -> None:
    made = to_ticket(thread_of(ticket, [], {}, 777), ACCOUNT)
    assert made.external_id == str(ticket["id"])
    assert made.status == STATUS[ticket.get("status")]
    assert made.subject == (ticket.get("subject") or "")
    assert made.vendor_priority == (ticket.get("priority") or "")
    assert list(made.tags) == (ticket.get("tags") or [])
    if "updated_at" in ticket:
        assert made.updated_at.ToJsonString() == ticket["updated_at"]
        event = changed(ticket)
        assert event is not None
        assert event.ticket_key == f"zendesk:{ticket['id']}"


def _check_comment(comment: dict[str, Any]) -> None:
    thread = thread_of({"id": 2, "requester_id": 5}, [comment], {}, 777)
    (message,) = to_ticket(thread, ACCOUNT).messages
    assert message.external_id == str(comment["id"])
    assert message.body == (comment["plain_body"] or comment["body"])
    assert message.internal is not comment["public"]


def _check_person(user: dict[str, Any]) -> None:
    ticket = {"id": 2, "requester_id": user["id"]}
    words = {"id": 1, "author_id": user["id"], "body": "x", "public": True}
    thread = thread_of(ticket, [words], {user["id"]: user}, 777)
    made = to_ticket(thread, ACCOUNT)
    assert made.customer.name == made.messages[0].author.name == user["name"]
    assert made.customer.email == (user.get("email") or "")
    is_customer = made.messages[0].author.role == pb.AUTHOR_ROLE_CUSTOMER
    assert is_customer is (user["role"] == "end-user")


def _check_macro(macro: dict[str, Any]) -> None:
    actions = macro.get("actions") or []
    writes = any(action["field"].startswith("comment_value") for action in actions)
    page = macro_page(macro)
    assert (page is not None) is (writes and macro.get("active") is not False)
    assert page is None or not page.public


def _check_audit(audit: dict[str, Any]) -> None:
    words = [e["body"] for e in audit["events"] if e["type"] == "Comment"]
    wanted = {"note"} | {
        event["field_name"]
        for event in audit["events"]
        if event.get("field_name") in ("priority", "tags")
    }
    assert from_audits([audit], "[deskside:0123456789abcdef]") == []
    for text in words:
        assert {change.field for change in from_audits([audit], text)} == wanted


READ = (
    ("ticket", _check_ticket),
    ("comment", _check_comment),
    ("user", _check_person),
    ("macro", _check_macro),
    ("audit", _check_audit),
)
STATUS = {
    None: pb.TICKET_STATUS_UNKNOWN,
    "new": pb.TICKET_STATUS_NEW,
    "open": pb.TICKET_STATUS_OPEN,
    "pending": pb.TICKET_STATUS_PENDING,
    "hold": pb.TICKET_STATUS_ON_HOLD,
    "solved": pb.TICKET_STATUS_SOLVED,
    "closed": pb.TICKET_STATUS_CLOSED,
}


@pytest.mark.parametrize("word", [word for word in STATUS if word])
def test_each_status_has_its_word(word: str) -> None:
    """Every status of Zendesk's, in any case; one that is new is unknown."""
    for spelled in (word, word.upper()):
        thread = thread_of({"id": 5, "status": spelled}, [], {}, 777)
        assert to_ticket(thread, ACCOUNT).status == STATUS[word]
    strange = thread_of({"id": 5, "status": f"{word}ish"}, [], {}, 777)
    assert to_ticket(strange, ACCOUNT).status == pb.TICKET_STATUS_UNKNOWN


def test_there_are_samples() -> None:
    """The samples of the API are here."""
    assert len(FILES) >= 14
