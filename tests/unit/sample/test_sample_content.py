"""The demo content keeps its promises: size, schema, variety and invented names."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

SAMPLE = Path(str(files("sidecar.sample")))
TODAY = date(2026, 11, 21)
SOURCES = {"help-center", "runbook", "policy", "release-notes", "macro"}
REQUIRED = {"title", "source", "url", "visibility", "language", "tags", "updated_at"}
TICKET_KEYS = {
    *("external_id", "connector", "subject", "channel", "status", "vendor_priority"),
    *("tags", "url", "product_area", "created_at", "customer", "messages"),
}
MESSAGE_KEYS = {"external_id", "author", "body", "internal", "sent_at"}
MAIL_HOST = re.compile(r"[\w.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)")
LINK_HOST = re.compile(r"h(?:tt|xx)ps?://([A-Za-z0-9.-]+)")

Ticket = dict[str, Any]


@cache
def articles() -> dict[str, tuple[dict[str, str], str]]:
    """Front matter and body of every article by its path."""
    found: dict[str, tuple[dict[str, str], str]] = {}
    root = SAMPLE / "knowledge"
    for path in sorted(root.rglob("*.md")):
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        lines = [line.split(": ", 1) for line in head.splitlines()]
        assert all(len(line) == 2 for line in lines), path
        name = path.relative_to(root).with_suffix("").as_posix()
        found[name] = ({line[0]: line[1] for line in lines}, body)
    return found


@cache
def tickets() -> list[Ticket]:
    """Every ticket in the order of the file."""
    text = (SAMPLE / "tickets.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def bodies(ticket: Ticket) -> str:
    """All messages of a ticket as one text."""
    return "\n".join(message["body"] for message in ticket["messages"])


def moment(text: str) -> datetime:
    """A timestamp of the file; it must be UTC."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)


def count(pattern: str) -> int:
    """How many tickets a pattern occurs in."""
    flags = re.IGNORECASE | re.MULTILINE
    return sum(bool(re.search(pattern, bodies(t), flags)) for t in tickets())


def test_every_article_has_readable_front_matter() -> None:
    """A twenty-line parser reads the front matter of every article."""
    for name, (head, _) in articles().items():
        assert set(head) - {"valid_until"} == REQUIRED, name
        assert head["source"] in SOURCES, name
        assert head["visibility"] in {"PUBLIC", "INTERNAL"}, name
        assert re.fullmatch(r"\[[^,\[\]]+(, [^,\[\]]+)+\]", head["tags"]), name
        assert date.fromisoformat(head["updated_at"]) <= TODAY, name
        if "valid_until" in head:
            assert head["valid_until"] > head["updated_at"], name


def test_every_article_is_a_real_page() -> None:
    """An article has a heading like its title, 150 to 500 words and sections."""
    for name, (head, body) in articles().items():
        assert body.startswith(f"# {head['title']}\n"), name
        assert 150 <= len(body.split()) <= 500, name
        assert "\n## " in body or "\n**" in body, name
    tables = sum("\n|---" in body for _, body in articles().values())
    steps = sum("\n1. " in body for _, body in articles().values())
    assert tables >= 5
    assert steps >= 20


def test_the_knowledge_base_is_large_and_varied() -> None:
    """There are enough public, internal, translated and stale articles."""
    heads = [head for head, _ in articles().values()]
    visibility = Counter(head["visibility"] for head in heads)
    languages = Counter(head["language"] for head in heads)
    assert visibility["PUBLIC"] >= 38
    assert visibility["INTERNAL"] >= 10
    assert languages["de"] >= 3
    assert languages["fr"] >= 2
    assert languages["es"] >= 2
    stale = [h for h in heads if h.get("valid_until", "9999") < TODAY.isoformat()]
    assert len(stale) >= 2
    assert {head["source"] for head in heads} == SOURCES


def test_no_article_is_there_twice() -> None:
    """Titles, addresses and texts are unique."""
    heads = [head for head, _ in articles().values()]
    assert len({head["title"] for head in heads}) == len(heads)
    assert len({head["url"] for head in heads}) == len(heads)
    assert len({body for _, body in articles().values()}) == len(heads)


def test_some_articles_contradict_each_other() -> None:
    """Three pairs disagree about one number, and the wrong one is older."""
    pairs = [
        ("billing/refunds", "30 days", "billing/annual-plan-refund-questions", "14"),
        ("api/rate-limits", "**120**", "api/getting-started", "60 requests"),
        ("security/export-your-data", "7 days", "security/moving-to-another-system",
         "14 days"),
    ]  # fmt: skip
    for newer, right, older, wrong in pairs:
        assert right in articles()[newer][1]
        assert wrong in articles()[older][1]
        assert articles()[older][0]["updated_at"] < articles()[newer][0]["updated_at"]


def test_every_ticket_has_exactly_the_fields_of_the_contract() -> None:
    """Tickets and messages carry the documented keys and values."""
    for ticket in tickets():
        solved = ticket["status"] in {"SOLVED", "CLOSED"}
        wanted = TICKET_KEYS | {"resolution"} if solved else TICKET_KEYS
        assert set(ticket) == wanted, ticket["external_id"]
        assert ticket["connector"] == "demo"
        assert ticket["channel"] in {"email", "web", "chat", "phone", "api"}
        assert ticket["status"] in {"NEW", "OPEN", "PENDING", "SOLVED", "CLOSED"}
        assert ticket["vendor_priority"] in {"", "low", "normal", "high", "urgent"}
        assert set(ticket["customer"]) == {"external_id", "email", "name", "tier"}
        assert ticket["customer"]["tier"] in {"STANDARD", "VIP"}
        for message in ticket["messages"]:
            assert set(message) == MESSAGE_KEYS
            assert set(message["author"]) == {"role", "id", "name"}
            assert message["author"]["role"] in {"CUSTOMER", "AGENT", "SYSTEM"}
            assert message["body"].strip()
            assert message["author"]["role"] == "AGENT" or not message["internal"]


def test_time_runs_forward() -> None:
    """Tickets and messages are in order and between August and 20 November 2026."""
    opened = [moment(ticket["created_at"]) for ticket in tickets()]
    assert opened == sorted(opened)
    for ticket in tickets():
        sent = [moment(message["sent_at"]) for message in ticket["messages"]]
        assert sent == sorted(sent), ticket["external_id"]
        assert sent[0] == moment(ticket["created_at"])
        assert date(2026, 8, 1) <= sent[0].date()
        assert sent[-1].date() <= date(2026, 11, 20)


def test_no_ticket_or_customer_is_there_twice() -> None:
    """Ids and first messages are unique; one customer id is one customer."""
    ids = [ticket["external_id"] for ticket in tickets()]
    messages = [m["external_id"] for t in tickets() for m in t["messages"]]
    first = [ticket["messages"][0]["body"] for ticket in tickets()]
    people = {json.dumps(t["customer"], sort_keys=True) for t in tickets()}
    for values in (ids, messages, first):
        assert len(set(values)) == len(values)
    assert len({t["customer"]["external_id"] for t in tickets()}) == len(people)


def test_the_tickets_look_like_a_real_queue() -> None:
    """Threads, history, length and solved cases are there in number."""
    threads = [
        t
        for t in tickets()
        if len(t["messages"]) >= 3
        and any(m["author"]["role"] == "AGENT" for m in t["messages"])
    ]
    per_customer = Counter(t["customer"]["external_id"] for t in tickets())
    assert len(tickets()) >= 64
    assert sum("resolution" in t for t in tickets()) >= 25
    assert len(threads) >= 20
    assert sum(any(m["internal"] for m in t["messages"]) for t in tickets()) >= 10
    assert sum(len(bodies(t).split()) > 200 for t in tickets()) >= 12
    assert len(per_customer) >= 25
    assert sum(number >= 3 for number in per_customer.values()) >= 5


def test_the_traps_are_in_place() -> None:
    """Injections, secrets, near-legal words and odd bodies are among the tickets."""
    assert count(r"ignore previous instructions|disregard the rules above") >= 2
    assert count(r"4111 1111 1111 1111") == 1
    assert count(r"DE89 3704 0044 0532 0130 00") == 1
    assert count(r"la password è \S+!") == 1
    assert count(r"\b(tissue|pursue)\b") >= 2
    assert count(r"\A[^\w\s.,!?]+\Z") == 1
    assert count(r"\A\[attachment: [^\]]+\]\Z") == 1
    assert count(r"^> ") >= 4
    assert count(r"Traceback|\tat \w") >= 2
    assert count(r"[\u3040-\u30ff]") == 1


def test_only_reserved_hosts_appear() -> None:
    """Every link and mail address ends in .example, so nobody real is named."""
    texts = [text.read_text("utf-8") for text in SAMPLE.rglob("*.md")]
    texts += [json.dumps(ticket, ensure_ascii=False) for ticket in tickets()]
    for text in texts:
        for host in MAIL_HOST.findall(text) + LINK_HOST.findall(text):
            assert host.rstrip(".").endswith(".example"), host
