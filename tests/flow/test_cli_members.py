"""`deskside members` against a running sidecar: who may sign in, and as what."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import session_pb2
from tests.flow.cli_house import DESKSIDE, House, house, running, without_model

FIRST, SECOND = "a first password", "another password"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a sidecar alone."""
    made = house(tmp_path_factory.mktemp("members"), **without_model())
    with running(made, "sidecar") as sidecar:
        sidecar.wait_for('"ready": true')
        yield made


def signs_in(place: House, email: str, password: str) -> bool:
    """Sign in as the panel does for a person."""
    key = Path(place.environment["DESKSIDE_DATA_DIR"]) / "panel.key"
    address = place.environment["DESKSIDE_SIDECAR_ADDRESS"]
    credential = session_pb2.PasswordCredential(email=email, password=password)
    with SidecarClient(address, key.read_text().strip()) as client:
        try:
            client.sessions.CreateSession(
                session_pb2.CreateSessionRequest(password=credential)
            )
        except SidecarError as error:
            if error.reason != "CREDENTIALS_INVALID":
                raise
            return False
    return True


def typing(place: House, *words: str, typed: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal and type an answer to each question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*DESKSIDE, *words],
        cwd=place.folder,
        env=place.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    shown = b""
    try:
        for question, answer in typed.items():
            while question.encode() not in shown:
                assert select.select([ours], [], [], 30)[0], f"never asked: {shown!r}"
                shown += os.read(ours, 65536)
            os.write(ours, f"{answer}\n".encode())
        status = process.wait(30)
        return status, (shown + os.read(ours, 65536)).decode()
    finally:
        process.kill()
        os.close(theirs)
        os.close(ours)


def test_the_first_administrator_is_made_at_a_terminal(place: House) -> None:
    """The password is typed twice and unseen, and then opens the panel."""
    who = "boss@acme.example"
    words = ("members", "add", who, "--role", "admin", "--password")
    status, shown = typing(
        place, *words, typed={"Password": FIRST, "Once more": SECOND}
    )
    assert status == 1
    assert "not the same" in shown
    status, shown = typing(place, *words, typed={"Password": FIRST, "Once more": FIRST})
    assert status == 0, shown
    assert FIRST not in shown
    assert "is a member: admin" in shown
    assert signs_in(place, who, FIRST)


def test_a_password_comes_from_standard_input(place: House) -> None:
    """One line, without its end; `set` replaces it and the old one is worthless."""
    who = "pipe@acme.example"
    words = ("members", "add", who, "--password", "-")
    assert place.command(*words, stdin=b"short\n").status == 1
    assert place.command(*words, stdin=b"").status == 2
    done = place.command(*words, stdin=f"{FIRST}\n".encode())
    assert done.status == 0, done.err
    assert signs_in(place, who, FIRST)
    words = ("members", "set", who.upper(), "--password", "-")
    assert place.command(*words, stdin=f"{SECOND}\n".encode()).status == 0
    assert signs_in(place, who, SECOND)
    assert not signs_in(place, who, FIRST)


def test_without_a_terminal_the_other_way_is_named(place: House) -> None:
    """A script is told of standard input instead of waiting or echoing."""
    done = subprocess.run(
        [*DESKSIDE, "members", "add", "script@acme.example", "--password"],
        cwd=place.folder,
        env=place.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 2
    assert "--password -" in done.stderr


def test_only_what_is_said_is_changed(place: House) -> None:
    """Role and state change by address or identifier; the rest stays."""
    made = place.command(
        *("members", "add", "ana@acme.example", "--name", "Ana"),
        *("--password", "-", "--json"),
        stdin=FIRST.encode(),
    ).json["member"]
    done = place.command("members", "set", made["member_id"], "--disable")
    assert done.status == 0, done.err
    assert "may not sign in" in done.out
    assert not signs_in(place, "ana@acme.example", FIRST)
    words = ("ana@acme.example", "--enable", "--role", "viewer", "--json")
    changed = place.command("members", "set", *words).json["member"]
    assert (changed["name"], changed["role"]) == ("Ana", "ROLE_VIEWER")
    assert signs_in(place, "ana@acme.example", FIRST)


def test_somebody_who_is_not_there_is_said(place: House) -> None:
    """A mistyped address changes nobody, with status 1."""
    done = place.command("members", "set", "nobody@acme.example", "--disable")
    assert done.status == 1
    assert "There is no member nobody@acme.example" in done.err
