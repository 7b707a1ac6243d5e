"""Texts, threads and tickets as people hand them in."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from sidecar.cli import inputs
from sidecar.cli.main import run
from sidecar.v1 import ticket_pb2

THREAD = """\
Customer (Ana Lima): The printer prints blank labels.
I need it by Friday.

Agent (Jo): Please calibrate it.
Note: she called as well
Customer: Did that.
"""


def test_a_thread_becomes_messages() -> None:
    """Speakers at the beginning of a line begin messages; a note is internal."""
    ticket = inputs.ticket_of(THREAD)
    seen = [
        (ticket_pb2.AuthorRole.Name(m.author.role)[12:], m.author.name, m.internal)
        for m in ticket.messages
    ]
    assert seen == [
        ("CUSTOMER", "Ana Lima", False),
        ("AGENT", "Jo", False),
        ("AGENT", "", True),
        ("CUSTOMER", "", False),
    ]
    assert ticket.messages[0].body.endswith("I need it by Friday.")


def test_a_text_without_speakers_is_one_message() -> None:
    """A colon in the middle of a mail begins nothing."""
    text = "Hello,\nAgent: your colleague said so.\n"
    ticket = inputs.ticket_of(text)
    assert [m.body for m in ticket.messages] == [text.strip()]


def test_the_same_text_is_the_same_ticket() -> None:
    """Identifiers come from the content, so that nothing piles up."""
    assert inputs.ticket_of("hi") == inputs.ticket_of("hi")
    assert inputs.ticket_of("hi").external_id != inputs.ticket_of("ho").external_id


def test_a_ticket_as_json_may_say_enums_shortly(tmp_path: Path) -> None:
    """CUSTOMER, customer and AUTHOR_ROLE_CUSTOMER mean the same."""
    for role in ("CUSTOMER", "customer", "AUTHOR_ROLE_CUSTOMER"):
        path = tmp_path / "ticket.json"
        message = {"author": {"role": role}, "body": "Where is it?"}
        path.write_text(json.dumps({"subject": "s", "messages": [message]}))
        ticket = inputs.ticket_from_file(str(path))
        assert ticket.messages[0].author.role == ticket_pb2.AUTHOR_ROLE_CUSTOMER
        assert ticket.external_id


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"subjekt": "x"}', "subjekt"),
        (b'{"subject": ', "not valid JSON"),
        (b'{"url": "x"}', "neither subject nor messages"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b" \n", "is empty"),
        (b"x" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_what_is_no_ticket_is_wrong_use(
    tmp_path: Path, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that holds no ticket ends with 2 and one reason, before any call."""
    path = tmp_path / "ticket.json"
    path.write_bytes(content)
    assert run(["summarize", str(path)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["classify", "draft", "similar", "escalate"])
@pytest.mark.parametrize("words", [["  "], [], ["text", "--ticket", "tkt_1"]])
def test_no_text_or_two_is_wrong_use(command: str, words: list[str]) -> None:
    """Exactly one of TEXT and --ticket is needed, and TEXT is not blank."""
    assert run([command, *words]) == 2


def test_huge_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 2 MB are not read to their end."""
    endless = io.BytesIO(b"x" * 5_000_000)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=endless))
    with pytest.raises(click.UsageError, match="larger than 2 MB"):
        inputs.read_text("-")
    assert endless.tell() == inputs.MAX_BYTES + 1
