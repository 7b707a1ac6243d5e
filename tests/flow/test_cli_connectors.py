"""`deskside connector` and `dead-letters` against a running sidecar."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.client import SidecarClient
from sidecar.v1 import event_pb2 as pb
from tests.flow.cli_house import House, house, running, without_model


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a sidecar alone."""
    made = house(tmp_path_factory.mktemp("connectors"), **without_model())
    with running(made, "sidecar") as sidecar:
        sidecar.wait_for('"ready": true')
        yield made


def client_of(place: House) -> SidecarClient:
    """Return a client with the administrator's key."""
    key = Path(place.environment["DESKSIDE_DATA_DIR"]) / "admin.key"
    address = place.environment["DESKSIDE_SIDECAR_ADDRESS"]
    return SidecarClient(address, key.read_text().strip())


def test_a_connector_is_set_up_listed_and_tried(place: House) -> None:
    """Secrets come from files or standard input and are never shown again."""
    (place.folder / "token.txt").write_text("tok-31415926\n")
    words = ("subdomain=acme", "email=bot@acme.example", "api_token=@token.txt")
    done = place.command("connector", "set", "zendesk", *words, "mode=suggest")
    assert done.status == 0, done.err
    assert "••••••••" in done.out
    assert "tok-31415926" not in done.out + done.err
    found = place.command(
        "connector", "set", "zendesk", "webhook_secret=-", "--json", stdin=b"whs-1\n"
    ).json
    shown = {item["name"]: item for item in found["connector"]["settings"]}
    assert shown["webhook_secret"]["is_set"]
    assert found["connector"]["configured"]
    listed = place.command("connector", "list").out
    assert "zendesk" in listed
    assert "slack" in listed
    for overview in (listed, place.command("status").out):
        (line,) = [row for row in overview.splitlines() if row.startswith("zendesk")]
        assert "not running" in line
        assert "deskside connectors" in line
    state = place.command("connector", "status", "zendesk")
    assert state.status == 1
    assert "deskside connectors" in state.out
    moved = place.command("connector", "set", "zendesk", "subdomain=other")
    assert moved.status == 0
    assert "api_token" in moved.err


def test_wrong_use_is_told_from_failure(place: House) -> None:
    """2 for what was typed wrongly, 1 for what the sidecar refuses."""
    assert place.command("connector", "set", "zendesk").status == 2
    assert place.command("connector", "set", "zendesk", "subdomain").status == 2
    assert place.command("connector", "set", "nobody", "a=b").status == 1
    wrong = place.command("connector", "set", "slack", "base_url=https://evil.example")
    assert wrong.status == 1
    assert "slack.com" in wrong.err
    missing = place.command("connector", "test", "slack")
    assert missing.status == 1
    assert "Not filled in" in missing.out
    assert place.command("dead-letters", "replay").status == 2
    nothing = place.command("connector", "backfill", "slack", "--months", "3")
    assert nothing.status == 1
    assert "It reads: zendesk" in nothing.err


def test_dead_letters_are_listed_replayed_and_discarded(place: House) -> None:
    """What a worker gave up is seen, tried again under the same id, or thrown away."""
    with client_of(place) as client:
        event = pb.Event(
            type="email.message.received",
            schema_version=1,
            source="email",
            source_event_id=uuid.uuid4().hex,
        )
        client.events.PublishEvent(pb.PublishEventRequest(event=event))
        for others in ((), ("evt_0.email",)):
            lease = pb.LeaseEventsRequest(subscriber="email")
            (item,) = client.events.LeaseEvents(lease).leases
            client.events.FailEvent(
                pb.FailEventRequest(
                    delivery_id=item.delivery_id,
                    lease_token=item.lease_token,
                    kind=pb.FAILURE_KIND_GIVE_UP,
                    error_reason="MAIL_UNREADABLE",
                    error_message="The message cannot be read.",
                )
            )
            (letter,) = place.command("dead-letters", "list", "--json").json[
                "dead_letters"
            ]
            assert letter["delivery_id"] == item.delivery_id
            assert "MAIL_UNREADABLE" in place.command("dead-letters", "list").out
            named = (item.delivery_id, *others)
            answer = place.command("dead-letters", "replay", *named)
            assert answer.out.startswith("1 ")
            assert answer.status == len(others)
            assert ("1 of 2 are not there" in answer.err) == bool(others)
        (item,) = client.events.LeaseEvents(lease).leases
        client.events.FailEvent(
            pb.FailEventRequest(
                delivery_id=item.delivery_id,
                lease_token=item.lease_token,
                kind=pb.FAILURE_KIND_GIVE_UP,
            )
        )
    kept = place.command("dead-letters", "discard", "--all", stdin=b"n\n")
    assert kept.status != 0
    gone = place.command("dead-letters", "discard", "--all", "--yes", "--json").json
    assert gone["discarded_count"] == 1
    assert not place.command("dead-letters", "list", "--json").json["dead_letters"]


@pytest.mark.parametrize("words", [("replay",), ("discard", "--yes")])
def test_a_dead_letter_that_is_not_there_is_said(
    place: House, words: tuple[str, ...]
) -> None:
    """A mistyped identifier ends with 1, as it does for keys and tickets."""
    done = place.command("dead-letters", *words, "evt_0123.zendesk")
    assert done.status == 1
    assert "evt_0123.zendesk is not there" in done.err
    assert place.command("dead-letters", *words, "--all").status == 0
