"""A vendor's secrets are nowhere to be read; an administrator is told what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from plugin_ui.doubles import slack
from plugin_ui.doubles.slack import SlackDouble
from sidecar.v1 import connector_pb2
from tests.flow.connector_house import ConnectorHouse, sidecar_in, until

SIGNING = "signing-secret-5b7d1c2e"
BOT = "xoxb-bot-token-93f1a7"
TOKEN = "zendesk-api-token-77aa41"
HOOK = "zendesk-hook-secret-1f0e2d"
SECRETS = (SIGNING, BOT, TOKEN, HOOK)


@pytest.fixture(scope="module")
def double() -> Iterator[SlackDouble]:
    """Slack with secrets of its own."""
    running = SlackDouble(token=BOT, secret=SIGNING)
    yield running
    running.close()


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, double: SlackDouble
) -> Iterator[ConnectorHouse]:
    """A sidecar, the connectors as a process, both vendors set up by the command."""
    sidecar = sidecar_in(tmp_path_factory.mktemp("secrets"))
    house = ConnectorHouse(sidecar, names=("zendesk", "slack"))
    house.zendesk.token = TOKEN
    try:
        house.start_process()
        yield house
        assert house.end_process() == 0
    finally:
        house.close()
        sidecar.stop()


def _deskside(house: ConnectorHouse, *words: str, given: bytes = b"") -> str:
    """Run a command and return all that it printed."""
    key = house.sidecar.key("admin")
    done = subprocess.run(
        [sys.executable, "-m", "sidecar.cli.main", *words],
        env={**os.environ, **house.environment, "DESKSIDE_API_KEY": key},
        input=given,
        capture_output=True,
        timeout=30,
        check=False,
    )
    return (done.stdout + done.stderr).decode()


def _set_up(house: ConnectorHouse, double: SlackDouble) -> str:
    said = ""
    for name, settings, secrets in (
        ("zendesk", house.zendesk.settings, {"api_token": TOKEN}),
        ("slack", double.settings, {"bot_token": BOT}),
    ):
        plain = [f"{k}={v}" for k, v in settings.items() if v not in SECRETS]
        said += _deskside(house, "connector", "set", name, *plain, "mode=suggest")
        for setting, secret in secrets.items():
            typed = ("connector", "set", name, f"{setting}=-")
            said += _deskside(house, *typed, given=secret.encode())
    for name, setting, secret in (
        ("zendesk", "webhook_secret", HOOK),
        ("slack", "signing_secret", SIGNING),
    ):
        words = ("connector", "set", name, f"{setting}=-", "--json")
        said += _deskside(house, *words, given=secret.encode())
    return said


@pytest.mark.timeout(120)
def test_a_secret_is_in_no_log_answer_status_or_file(
    house: ConnectorHouse, double: SlackDouble
) -> None:
    """Through success, refusal and broken connections; at rest they are encrypted."""
    said = _set_up(house, double)
    until(lambda: _answers(house), what="a receiver")
    number = house.zendesk.desk.add_ticket("Cannot log in", "Error 503 since noon.")
    house.note(number)
    good = [_deskside(house, "connector", "test", n) for n in ("zendesk", "slack")]
    assert "Zendesk accepts e-mail and API token." in good[0]
    assert "The token is of this team." in good[1]
    assert "no" not in [line.split()[1] for line in good[1].splitlines()[1:]]
    said += _break(house, double)
    bad = [_deskside(house, "connector", "test", n) for n in ("zendesk", "slack")]
    assert "token" in bad[0]
    assert "The bot token is not valid; set `bot_token` anew." in bad[1]
    said += "".join(good + bad)
    for words in (("list",), ("status", "zendesk"), ("status", "slack")):
        said += _deskside(house, "connector", *words)
        said += _deskside(house, "connector", *words, "--json")
    said += _deskside(house, "dead-letters", "list", "--json")
    said += _deskside(house, "status", "--json")
    with house.client() as client:
        request = connector_pb2.ListConnectorsRequest()
        said += str(client.connectors.ListConnectors(request))
    address = f"http://{house.address}"
    said += urllib.request.urlopen(f"{address}/metrics").read().decode()
    assert "••••••••" in said
    for secret in SECRETS:
        assert secret not in said, secret
    _not_in_files(house.sidecar.data_dir.parent)


def _answers(house: ConnectorHouse) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"http://{house.address}/readyz", timeout=5).close()
        return True
    return False


def _break(house: ConnectorHouse, double: SlackDouble) -> str:
    """Let requests be cut, forged and refused, so that there is much to log."""
    double.fail("cut")
    said = _deskside(house, "connector", "test", "slack")
    assert "host" in said
    assert "Slack gave no answer" in said
    house.zendesk.fail("cut", times=2)
    house.zendesk.desk.add_ticket("Another one", "It is slow today.")
    time.sleep(2)
    house.zendesk.token, double.token = "another-one", "another-one"
    body = slack.command_body("U1", "ask how", "t1")
    headers = slack.signed_headers("of a stranger", body, time.time())
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    path = f"http://{house.address}/hooks/default/slack/commands"
    with suppress(OSError):
        urllib.request.urlopen(urllib.request.Request(path, body, headers))
    house.zendesk.desk.add_ticket("A third one", "It does not print.")
    time.sleep(2)
    return said


def _not_in_files(folder: Path) -> None:
    """Logs, database and keys: read whole, as somebody who found the disk would."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"connectors.log", "data.log", "deskside.db"} <= {p.name for p in files}
    for path in files:
        content = path.read_bytes()
        for secret in SECRETS:
            assert secret.encode() not in content, (path.name, secret)


def test_a_person_is_added_and_listed(house: ConnectorHouse) -> None:
    """Whoever may act in Slack is a member; a second time is refused."""
    words = ("members", "add", "ana@acme.example", "--name", "Ana Agent")
    assert "ana@acme.example is a member: agent" in _deskside(house, *words)
    assert "already" in _deskside(house, *words)
    listed = _deskside(house, "members", "list")
    assert "Ana Agent" in listed
    assert "ana@acme.example" in _deskside(house, "members", "list", "--json")
