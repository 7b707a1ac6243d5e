"""The client commands against a running sidecar: results, JSON, errors, statuses."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.cli_house import DESKSIDE, House, house, running, without_model

PARKING = """\
---
title: Parking
visibility: PUBLIC
url: https://help.example.com/parking
---
# Parking

Visitors park in the yard behind building C. Parking is free for two hours.
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a sidecar alone; words instead of vectors, so that it starts quickly."""
    made = house(tmp_path_factory.mktemp("clients"), **without_model())
    with running(made, "sidecar") as sidecar:
        sidecar.wait_for('"ready": true')
        yield made


def test_classify_answers_for_people_and_programs(place: House) -> None:
    """Plain lines without escapes; or one JSON document with the contract's names."""
    text = "I was charged twice and nobody answers! Refund me NOW."
    shown = place.command("classify", text)
    assert shown.status == 0
    assert "Priority" in shown.out
    assert "\x1b" not in shown.out
    found = place.command("classify", "-", "--json", stdin=text.encode()).json
    assert found["ticket_id"]
    about = found["classification"]
    assert about["category"]["value"]
    assert 1 <= about["priority"] <= 10
    assert about["sentiment"].startswith("SENTIMENT_")
    assert about["language"] == "en"


def test_knowledge_goes_in_once_and_is_cited(place: House) -> None:
    """`kb add` adds, skips the unchanged, and a draft quotes what was added."""
    folder = place.folder / "handbook"
    folder.mkdir(exist_ok=True)
    (folder / "parking.md").write_text(PARKING)
    first = place.command("kb", "add", "handbook", "--json").json
    assert (first["added"], first["failed"]) == (1, 0)
    assert first["documents"][0]["document_id"]
    again = place.command("kb", "add", "handbook", "--json").json
    assert (again["added"], again["unchanged"]) == (0, 1)
    (folder / "parking.md").write_text(PARKING.replace("two", "three"))
    changed = place.command("kb", "add", "handbook", "--json").json
    assert changed["updated"] == 1
    listed = place.command("kb", "list", "--text", "parking", "--json").json
    assert [item["title"] for item in listed["documents"]] == ["Parking"]
    found = place.command("kb", "search", "where do visitors park", "--json").json
    assert "building C" in found["passages"][0]["text"]
    draft = place.command("draft", "Where do visitors park?", "--json").json["draft"]
    assert draft["outcome"] in ("DRAFT_OUTCOME_READY", "DRAFT_OUTCOME_SUGGESTED")
    assert draft["citations"][0]["url"] == "https://help.example.com/parking"
    document_id = first["documents"][0]["document_id"]
    assert place.command("kb", "delete", document_id).status == 0
    gone = place.command("kb", "delete", document_id)
    assert gone.status == 1
    assert "DOCUMENT_NOT_FOUND" in gone.err


def test_a_file_that_cannot_be_read_fails_alone(place: House) -> None:
    """The others are added, the bad one is named with its reason, the status is 1."""
    folder = place.folder / "mixed"
    folder.mkdir(exist_ok=True)
    (folder / "good.txt").write_text("The gate opens at seven in the morning.")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 this is no document")
    (folder / "wrong.md").write_text("---\nvisibility: everyone\n---\nText.\n")
    done = place.command("kb", "add", "mixed", "--json")
    assert done.status == 1
    results = {Path(d["path"]).name: d for d in done.json["documents"]}
    assert results["good.txt"]["result"] == "added"
    assert results["bad.pdf"]["result"] == "failed"
    assert results["bad.pdf"]["reason"]
    assert "visibility" in results["wrong.md"]["error"]
    told = place.command("kb", "add", "mixed")
    assert told.status == 1
    assert "failed: mixed/bad.pdf" in told.err


def test_a_thread_is_summarised(place: House) -> None:
    """FILE is a plain thread or a ticket as JSON."""
    thread = "Customer: The printer prints blanks.\nAgent: Please calibrate it.\n"
    (place.folder / "thread.txt").write_text(thread)
    made = place.command("summarize", "thread.txt", "--json").json
    assert made["summary"]["headline"]
    ticket = {
        "external_id": "77",
        "subject": "Lost parcel",
        "messages": [{"author": {"role": "CUSTOMER"}, "body": "It never came."}],
    }
    (place.folder / "ticket.json").write_text(json.dumps(ticket))
    first = place.command("summarize", "ticket.json", "--json").json
    second = place.command("summarize", "ticket.json", "--json").json
    assert first["ticket_id"] == second["ticket_id"]


def test_tickets_are_listed_shown_and_exported(place: House) -> None:
    """A stored ticket is found by our identifier and by the helpdesk's."""
    known = place.command("classify", "Where is my invoice?", "--json").json
    listed = place.command("tickets", "list", "--limit", "200", "--json").json
    tickets = {item["ticket"]["id"]: item["ticket"] for item in listed["tickets"]}
    ticket = tickets[known["ticket_id"]]
    name = f"{ticket['connector']}:{ticket['external_id']}"
    shown = place.command("tickets", "show", name, "--json").json
    assert shown["ticket"]["messages"][0]["body"] == "Where is my invoice?"
    same = place.command("classify", "--ticket", name, "--json").json
    assert same["ticket_id"] == known["ticket_id"]
    exported = place.command("tickets", "export", name, "--format", "markdown")
    assert "Where is my invoice?" in exported.out
    missing = place.command("tickets", "show", "tkt_00000000000000000000000000")
    assert missing.status == 1
    assert "TICKET_NOT_FOUND" in missing.err
    assert "request " in missing.err


def test_nothing_found_is_said_with_what_is_known(place: House) -> None:
    """A mistyped filter is not an empty table: what there is instead is listed."""
    place.command("classify", "Where is my invoice?")
    empty = place.command("tickets", "list", "--text", "zanzibar-quokka")
    assert (empty.status, empty.out, empty.err) == (0, "", "No tickets fit.\n")
    odd = place.command("tickets", "list", "--category", "nope")
    assert (odd.status, odd.out) == (0, "")
    assert "There is no category nope, but " in odd.err
    assert "billing" in odd.err
    refused = place.command("tickets", "list", "--connector", "nope")
    assert refused.status == 2
    assert "There is no connector nope, but api, cli, demo, " in refused.err
    for name in ("cli", "zendesk"):
        words = ("--connector", name, "--text", "zanzibar-quokka", "--json")
        known = place.command("tickets", "list", *words)
        assert known.status == 0, known.err
        assert known.json["tickets"] == []


def test_a_similar_ticket_is_named_so_that_it_can_be_shown(place: House) -> None:
    """What `similar` prints can be pasted into `tickets show`."""
    place.command("classify", "The badge reader shows E-57 and beeps.")
    deadline = time.monotonic() + 20
    while not (shown := re.findall(r"\bcli:\w+", _similar(place))):
        assert time.monotonic() < deadline, "never indexed"
        time.sleep(0.2)
    assert "badge reader" in place.command("tickets", "show", shown[0]).out


def _similar(place: House) -> str:
    return place.command("similar", "badge reader shows E-57").out


def test_an_escalation_is_raised_once(place: House) -> None:
    """Raising it again shows the one that is open."""
    first = place.command("escalate", "Site down", "--reason", "phone", "--json").json
    again = place.command("escalate", "Site down", "--reason", "phone", "--json").json
    assert first["created"] is True
    ids = {answer["escalation"]["escalation_id"] for answer in (first, again)}
    assert len(ids) == 1


def test_a_wrong_key_is_refused_in_words(place: House) -> None:
    """The sentence of the sidecar, where the key came from, no traceback, status 1."""
    done = place.command("status", DESKSIDE_API_KEY="dsk_" + "x" * 43)
    assert done.status == 1
    assert "CREDENTIALS_INVALID" in done.err
    assert "The key comes from the variable DESKSIDE_API_KEY." in done.err
    assert "Traceback" not in done.err


def test_a_key_of_another_deployment_is_named_with_its_file(place: House) -> None:
    """Beside a demo, whoever has a folder of their own reads which one was meant."""
    own = place.folder / ".deskside"
    own.mkdir()
    (own / "admin.key").write_text("dsk_" + "x" * 43)
    done = place.command("status", DESKSIDE_DATA_DIR="")
    assert done.status == 1
    assert f"The key comes from {own / 'admin.key'}." in done.err


def test_keys_are_made_used_and_revoked(place: House) -> None:
    """A viewer's key reads, may not write, and is worthless once revoked."""
    made = place.command("keys", "create", "reports", "--role", "viewer", "--json").json
    key = made["secret"]
    assert place.command("status", DESKSIDE_API_KEY=key).status == 0
    refused = place.command("classify", "hello there", DESKSIDE_API_KEY=key)
    assert refused.status == 1
    assert "PERMISSION_MISSING" in refused.err
    assert key not in place.command("keys", "list").out
    assert place.command("keys", "revoke", made["key_id"]).status == 0
    assert place.command("status", DESKSIDE_API_KEY=key).status == 1


def test_doctor_finds_nothing_broken_and_then_something(place: House) -> None:
    """A healthy deployment is 0; a secret that others may read is 1 and named."""
    healthy = place.command("doctor", "--json")
    assert healthy.status == 0, healthy.out
    states = {row["check"]: row["state"] for row in healthy.json["findings"]}
    assert states["sidecar"] == states["database"] == states["secrets"] == "ok"
    assert states["model"] == "warn"
    key = place.folder / "data" / "admin.key"
    key.chmod(0o644)
    try:
        broken = place.command("doctor")
        assert broken.status == 1
        assert "✗ secrets" in broken.out
        assert f"chmod 600 {key}" in broken.out
    finally:
        key.chmod(0o600)


def test_a_reader_that_leaves_is_no_error(place: House) -> None:
    """`deskside … | head` ends quietly."""
    line = f"{' '.join(DESKSIDE)} tickets list --json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == b""


def test_ctrl_c_ends_a_command_with_130(place: House) -> None:
    """Interrupting a waiting command says so, without a traceback."""
    process = subprocess.Popen(
        [*DESKSIDE, "classify", "-"],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # More than a pipe holds: once it is written, somebody reads it.
    process.stdin.write(b" " * 200_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_a_table(place: House, no_color: str) -> None:
    """On a terminal rows are a table, in colours unless NO_COLOR is set."""
    ours, theirs = pty.openpty()
    environment = {**place.environment, "TERM": "xterm", "NO_COLOR": no_color}
    if not no_color:
        del environment["NO_COLOR"]
    process = subprocess.Popen(
        [*DESKSIDE, "status"],
        cwd=place.folder,
        env=environment,
        stdout=theirs,
        stderr=theirs,
    )
    assert process.wait(30) == 0
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "─" in shown
    if no_color:
        assert "\x1b[3" not in shown


def test_nothing_of_a_person_reaches_the_error_log(place: House) -> None:
    """The sidecar's log holds no text of the tickets that were sent."""
    secret = "Zanzibar-Quokka-4711"
    assert place.command("classify", f"My name is {secret}.").status == 0
    assert secret not in (place.folder / "sidecar.log").read_text()
