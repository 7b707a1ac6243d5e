"""Every sample of what Slack sends is read as its kind asks for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.connector import Hook
from connectors.events import Credentials, HookRequest, Mode, Received
from connectors.slack.inbound import HOOKS
from plugin_ui.doubles.slack import signed_headers

OWN = Path(__file__).parents[2] / "data" / "payloads"
MORE = os.environ.get("PAYLOADS", "")
EXPECTED = json.loads((OWN / "slack" / "expected.json").read_text())
BY_PATH = {hook.path: hook for hook in HOOKS}
NOW = datetime.fromtimestamp(1_770_113_730, UTC)


def _hook_of(kind: str, body: str) -> Hook:
    if kind.startswith("application/json"):
        return BY_PATH["slack/events"]
    form = "slack/interactivity" if body.startswith("payload=") else "slack/commands"
    return BY_PATH[form]


def _read(sample: dict[str, Any]) -> Received:
    headers = {name.lower(): value for name, value in sample["headers"].items()}
    body = sample["body_raw"].encode()
    hook = _hook_of(headers["content-type"], sample["body_raw"])
    settings = {"signing_secret": sample["signing_secret"], "team_id": "T061EG9R6"}
    known = Credentials("slack", "default", Mode.SUGGEST, settings)
    return hook.receive(HookRequest(body, headers, hook.content_types[0]), known, NOW)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_request_leads_to_what_is_written_beside_it(name: str) -> None:
    """Its status, the kind of its answer, and the events it is stored as."""
    expected = EXPECTED[name]
    sample = json.loads((OWN / "slack" / f"{name}.json").read_text())
    received = _read(sample)
    assert received.reply.status == expected["status"]
    assert [event.type for event in received.events] == expected["events"]
    answer = received.reply.body
    if expected.get("answer") == "challenge":
        given = json.loads(sample["body_raw"])["challenge"]
        assert json.loads(answer) == {"challenge": given}
    elif expected.get("answer") == "ephemeral":
        assert json.loads(answer)["response_type"] == "ephemeral"
    else:
        assert answer == b""
    if other := expected.get("same_event_as"):
        first = _read(json.loads((OWN / "slack" / f"{other}.json").read_text()))
        ids = {event.source_event_id for event in first.events + received.events}
        assert len(ids) == 1


def test_every_press_names_its_escalation_and_its_person() -> None:
    """A menu has no value of its own: the buttons beside it say which one it is."""
    for action in ("ack", "assign", "resolve"):
        path = OWN / "slack" / f"block_actions_{action}.json"
        payload = _read(json.loads(path.read_text())).events[0].payload
        assert payload["value"] == "esc_123"
        assert payload["user"] == "U061F7AUR"
    assigned = json.loads((OWN / "slack" / "block_actions_assign.json").read_text())
    assert _read(assigned).events[0].payload["chosen_user"] == "U0ONCALL"


def _samples(folder: str) -> Iterator[Path]:
    for root in (OWN, Path(MORE)) if MORE else (OWN,):
        base = root / "slack-java-sdk"
        yield from sorted(base.rglob(f"{folder}/**/*.json"))


def _filled(value: Any, key: str = "") -> Any:
    """Give blanked identifiers a value, so that a sample is what Slack would send."""
    if isinstance(value, dict):
        return {name: _filled(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_filled(part) for part in value]
    known = {"team_id": "T061EG9R6", "event_id": "Ev1", "trigger_id": "1.2.3"}
    if value == "" and key in (*known, "id", "user_id"):
        return known.get(key, "T061EG9R6")
    return value


@pytest.mark.parametrize("path", list(_samples("events")), ids=lambda path: path.stem)
def test_every_kind_of_event_is_read(path: Path) -> None:
    """All kinds of the Events API: 200, and at most one event each."""
    body = json.dumps(_filled(json.loads(path.read_text())))
    received = _signed("slack/events", body.encode())
    assert received.reply.status == 200
    assert len(received.events) <= 1


@pytest.mark.parametrize(
    "path", list(_samples("app-backend")), ids=lambda path: path.stem
)
def test_every_kind_of_interaction_is_read(path: Path) -> None:
    """Buttons, dialogs, shortcuts, commands, old and new: 200, and each is stored."""
    given = _filled(json.loads(path.read_text()))
    if path.parent.name == "slash-commands":
        flat = {name: str(value) for name, value in given.items()}
        received = _signed("slack/commands", urlencode(flat).encode())
    else:
        form = urlencode({"payload": json.dumps(given)})
        received = _signed("slack/interactivity", form.encode())
    assert received.reply.status == 200
    known = {
        "SlashCommandPayload": "slack.command",
        "BlockActionPayload": "slack.action",
        "ViewSubmissionPayload": "slack.action",
    }
    kinds = {event.type for event in received.events}
    assert kinds == {known.get(path.stem, "slack.ignored")}


def _signed(path: str, body: bytes) -> Received:
    known = Credentials(
        "slack",
        "default",
        Mode.SUGGEST,
        {"signing_secret": "x" * 32, "team_id": "T061EG9R6"},
    )
    headers = signed_headers("x" * 32, body, NOW.timestamp())
    given = {name.lower(): value for name, value in headers.items()}
    hook = BY_PATH[path]
    return hook.receive(HookRequest(body, given, hook.content_types[0]), known, NOW)
