"""Answers of Slack's Web API, as its own SDK's authors recorded them, are read."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.events import Credentials, Mode
from connectors.slack.api import SlackApi
from plugin_ui.doubles.slack import BOT_TOKEN, SlackDouble

OWN = Path(__file__).parents[2] / "data/payloads/slack-java-sdk"
MORE = Path(os.environ.get("PAYLOADS") or OWN) / "slack-java-sdk"
FILES = sorted([*OWN.rglob("api/*.json"), *MORE.rglob("api/*.json")])


def _sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((OWN / "api" / f"{name}.json").read_text())
    return found


class _Recorded(BaseHTTPRequestHandler):
    """Answers with the sample of the method; values are blanked, so ``ok`` is said."""

    files: dict[str, Path] = {path.stem: path for path in FILES}  # noqa: RUF012 - read only

    def log_message(self, *_given: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer any method that there is a sample of."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.path.rpartition("/")[2].partition("?")[0]
        body = json.loads(self.files[name].read_text()) | {"ok": True}
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture(scope="module")
def api() -> Iterator[SlackApi]:
    """Our client before a server that answers with the samples."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Recorded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield _client(f"http://127.0.0.1:{server.server_port}/api/")
    server.shutdown()
    server.server_close()


def _client(address: str) -> SlackApi:
    settings = {"bot_token": BOT_TOKEN, "base_url": address}
    return SlackApi(Credentials("slack", "default", Mode.SUGGEST, settings))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recorded_answer_is_read(api: SlackApi, path: Path) -> None:
    """What Slack answers to any method arrives whole, as an object without an error."""
    recorded = json.loads(path.read_text())
    assert api._ask(path.stem, {}) == recorded | {"ok": True}


def _recorded_people() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in FILES:
        answer = json.loads(path.read_text())
        found = [answer.get("user"), *(answer.get("members") or [])]
        people = [person for person in found if isinstance(person, dict)]
        yield from ((f"{path.stem}-{n}", p) for n, p in enumerate(people))


PEOPLE = dict(_recorded_people())


@pytest.mark.parametrize("name", PEOPLE)
def test_every_recorded_person_is_somebody_once_confirmed(name: str) -> None:
    """Whichever method told of them; a guest, a bot or one who left is nobody."""
    double = SlackDouble()
    try:
        api = _client(double.settings["base_url"])

        def read(**changed: Any) -> tuple[str, bool]:
            profile = {**PEOPLE[name]["profile"], "email": "ana@acme.example"}
            double.users["U1"] = {**PEOPLE[name], "profile": profile, **changed}
            person = api.person("U1")
            return person.email, person.is_guest

        known = {"is_email_confirmed": True, "is_bot": False}
        assert read(**known) == ("ana@acme.example", False)
        assert read(**known | {"is_email_confirmed": False}) == ("", False)
        assert read(**known | {"is_bot": True}) == ("", False)
        for word in ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted"):
            assert read(**known, **{word: True}) == ("ana@acme.example", True)
    finally:
        double.close()


def test_a_person_is_read_from_the_fields_slack_has(api: SlackApi) -> None:
    """A blanked, unconfirmed person is nobody; the fields asked for exist."""
    person = api.person("U00000000")
    assert person.team_id == "T00000000"
    assert (person.email, person.is_guest) == ("", False)
    user = _sample("users.info")["user"]
    for name in ("is_email_confirmed", "is_restricted", "is_ultra_restricted"):
        assert name in user
    assert {"is_stranger", "deleted", "is_bot"} <= set(user)
    assert "email" in user["profile"]


def test_the_double_says_nothing_that_slack_does_not() -> None:
    """Every field of the double's answers is one that Slack's have as well."""
    double = SlackDouble()
    try:
        double.add_user("U1", "ana@acme.example")
        channel = {"channel": "C0ESC", "user": "U1", "text": "Hello"}
        for name, body in (
            ("auth.test", {}),
            ("users.info", {"user": "U1"}),
            ("chat.postEphemeral", channel),
        ):
            answer = double.answer(name, body)
            assert answer["ok"]
            assert set(answer) <= set(_sample(name))
        user = double.answer("users.info", {"user": "U1"})["user"]
        assert set(user) <= set(_sample("users.info")["user"])
        assert set(user["profile"]) <= set(_sample("users.info")["user"]["profile"])
    finally:
        double.close()
