"""Zendesk's webhooks: the signature's vector, every sample, what is kept of them."""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.events import (
    Credentials,
    HookRequest,
    Inbound,
    Mode,
    Refused,
    parse_time,
)
from connectors.zendesk.inbound import UNREADABLE, given, receive, sign

DATA = Path(__file__).resolve().parents[2] / "data/payloads/zendesk"
EXPECTED = {
    row["file"]: row["expect"]
    for row in json.loads((DATA / "expected.json").read_text())
}
SAMPLES = sorted(path for path in DATA.glob("*.json") if path.name in EXPECTED)
MORE = os.environ.get("PAYLOADS", "")


def _read(path: Path) -> tuple[HookRequest, Credentials, datetime]:
    sample: dict[str, Any] = json.loads(path.read_text())
    headers = {name.lower(): value for name, value in sample["headers"].items()}
    secrets = {"webhook_secret": sample["signing_secret"]}
    known = Credentials("zendesk", "default", Mode.SUGGEST, secrets)
    now = parse_time(headers["x-zendesk-webhook-signature-timestamp"])
    assert now is not None
    return HookRequest(sample["body_raw"].encode(), headers), known, now


def _events(name: str) -> tuple[Inbound, ...]:
    return receive(*_read(DATA / name)).events


def test_the_signature_is_the_one_zendesk_documents() -> None:
    """Secret as text, timestamp and body joined without anything in between."""
    secret = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
    message = b'2021-07-25T10:00:00Z{"say": "hello"}'
    found = base64.b64encode(sign(secret, message)).decode()
    assert found == "gf3v0LzLRHPUnIdhbvwRDVEvzSb07/QN0GYjSNlkBT0="


def test_every_sample_has_an_expectation() -> None:
    """There are eleven samples, and each is expected to lead to something."""
    assert len(SAMPLES) == len(EXPECTED) == 11


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_is_read_as_its_index_says(path: Path) -> None:
    """The broken one is refused and kept raw; each other one is one event."""
    request, known, now = _read(path)
    if EXPECTED[path.name].startswith("400"):
        with pytest.raises(Refused) as refused:
            receive(request, known, now)
        assert refused.value.status == 400
        (kept,) = refused.value.events
        assert kept.type == UNREADABLE
        assert base64.b64decode(kept.payload["raw_base64"]) == request.body
        return
    (event,) = receive(request, known, now).events
    assert event.payload["ticket_id"] == "5158"
    assert event.ticket_key == "zendesk:5158"
    assert event.occurred_at is not None


@pytest.mark.skipif(not MORE, reason="PAYLOADS names no folder with more samples")
@pytest.mark.parametrize(
    "path", sorted(Path(MORE or ".").glob("synthetic/zendesk/*.json")) if MORE else []
)
def test_samples_elsewhere_are_read_too(path: Path) -> None:
    """Files of the same shape in another folder are read or refused with 400."""
    try:
        receive(*_read(path))
    except Refused as refused:
        assert refused.status == 400  # noqa: PT017 - both outcomes are right


def test_kinds_become_types_of_ours() -> None:
    """A type is `zendesk.` and Zendesk's own words."""
    found = {name: _events(name)[0].type for name in EXPECTED if "broken" not in name}
    assert found["event_ticket_created.json"] == "zendesk.ticket.created"
    assert found["event_comment_added_customer.json"] == "zendesk.ticket.comment_added"
    assert found["event_status_changed.json"] == "zendesk.ticket.status_changed"
    assert found["event_unknown_type.json"] == "zendesk.ticket.merged"
    assert found["trigger_custom_json.json"] == "zendesk.ticket.triggered"


def test_a_second_delivery_has_the_same_name() -> None:
    """Repeats are known by the id in the signed body, not by a header."""
    first, second = (
        _events("event_ticket_created.json")[0],
        _events("event_duplicate_delivery.json")[0],
    )
    assert first.source_event_id == second.source_event_id


def test_the_really_delivered_format_means_the_same() -> None:
    """Three blanks, a newline, "0" and "": read like the compact one."""
    real = dict(_events("event_ticket_created_real_format.json")[0].payload)
    compact = dict(_events("event_ticket_created.json")[0].payload)
    assert real == compact


def test_own_notes_name_their_actor() -> None:
    """What the worker's loop guard needs is in the event."""
    payload = _events("event_comment_added_agent_private.json")[0].payload
    assert payload["actor_id"] == "777"
    assert payload["comment_public"] is False


def test_words_of_customers_are_not_kept() -> None:
    """Neither description, comment, subject nor address enters the queue."""
    for name in EXPECTED:
        if "broken" in name:
            continue
        text = _events(name)[0].payload_json().decode()
        for words in ("503", "broken", "cancel", "Ana", "@", "SSO"):
            assert words not in text, (name, words)


def test_a_triggers_display_names_become_words() -> None:
    """Case is normalised; every value of a trigger's body is a string."""
    payload = _events("trigger_custom_json.json")[0].payload
    assert (payload["status"], payload["priority"]) == ("open", "high")


def test_a_trigger_of_ids_alone_is_told_apart_by_its_moment() -> None:
    """The same body at another time is another event; at the same time it is not."""
    known = Credentials("zendesk", "w", Mode.SUGGEST, {"webhook_secret": "s"})
    body = b'{"ticket_id":"7"}'

    def name(stamp: str) -> str:
        headers = {
            "x-zendesk-webhook-signature-timestamp": stamp,
            "x-zendesk-webhook-signature": base64.b64encode(
                sign("s", stamp.encode() + body)
            ).decode(),
        }
        now = parse_time(stamp)
        assert now is not None
        return receive(HookRequest(body, headers), known, now).events[0].source_event_id

    first = name("2026-02-03T10:15:31Z")
    assert name("2026-02-03T10:15:31Z") == first
    assert name("2026-02-03T10:15:32Z") != first


@pytest.mark.parametrize("absent", ["0", "", None, " ", False, 0, [], {}])
def test_absent_has_many_spellings(absent: object) -> None:
    """A nought, an empty text and null all mean that there is none."""
    assert given(absent) == ""


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-03T10:15:30Z",
        "2026-02-03T10:15:30.672717030Z",
        "2026-02-03T11:15:30+01",
    ],
)
def test_moments_are_read_with_and_without_a_fraction(text: str) -> None:
    """Nine digits of a second's fraction, none, and an offset are all read."""
    found = parse_time(text)
    assert found is not None
    assert found.isoformat().startswith("2026-02-03T10:15:30")


@pytest.mark.parametrize("text", ["", "yesterday", "1e9", None, 5, "2026-13-01T00:00Z"])
def test_what_is_no_moment_is_none(text: object) -> None:
    """A timestamp nobody can read is none, not an error."""
    assert parse_time(text) is None
