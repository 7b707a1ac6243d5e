"""The event road through a real server: publish, lease, complete, fail."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.client import SidecarClient, SidecarError
from sidecar.domain.access import Role
from sidecar.usecases.access import add_key
from sidecar.v1 import event_pb2 as pb
from tests.contract.rpc.conftest import Running


def publish(
    client: SidecarClient,
    ticket: str = "",
    source_event_id: str = "",
    n: int = 0,
    timeout: float | None = None,
) -> pb.PublishEventResponse:
    """Publish an event of Zendesk."""
    event = pb.Event(
        type="zendesk.ticket.updated",
        schema_version=1,
        source="zendesk",
        source_event_id=source_event_id or uuid.uuid4().hex,
        ticket_key=ticket,
        payload_json=json.dumps({"n": n}).encode(),
    )
    request = pb.PublishEventRequest(event=event)
    return client.events.PublishEvent(request, timeout=timeout)


def lease(client: SidecarClient, **options: object) -> list[pb.EventLease]:
    """Lease events of Zendesk."""
    request = pb.LeaseEventsRequest(subscriber="zendesk", max_events=100)
    for name, value in options.items():
        if isinstance(value, Duration):
            getattr(request, name).CopyFrom(value)
        else:
            setattr(request, name, value)
    return list(client.events.LeaseEvents(request).leases)


def complete(client: SidecarClient, item: pb.EventLease) -> None:
    """Say that it is done."""
    client.events.CompleteEvent(
        pb.CompleteEventRequest(
            delivery_id=item.delivery_id, lease_token=item.lease_token
        )
    )


@pytest.fixture
def client(running: Running) -> Iterator[SidecarClient]:
    """A client of a workspace with nothing on its road."""
    with running.client() as found:
        while out := lease(found):
            for item in out:
                complete(found, item)
        yield found


def test_an_event_is_handed_out_once_and_then_done(client: SidecarClient) -> None:
    """Published, leased with all it carries, completed, gone."""
    answer = publish(client, "zendesk:1", n=7)
    (item,) = lease(client)
    assert item.event.event_id == answer.event_id
    assert json.loads(item.event.payload_json) == {"n": 7}
    assert (item.attempt, item.event.ticket_key) == (1, "zendesk:1")
    assert lease(client) == []
    complete(client, item)
    assert lease(client) == []


def test_a_repeat_is_known_by_source_and_id(client: SidecarClient) -> None:
    """The second answer names the first event and nothing more is delivered."""
    first, second = publish(client, "", "same"), publish(client, "", "same")
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.event_id == second.event_id
    assert len(lease(client)) == 1


def test_of_a_ticket_only_one_is_out_and_in_order(client: SidecarClient) -> None:
    """The next one of a ticket waits for the one before, others do not."""
    for number in range(3):
        publish(client, "zendesk:order", n=number)
    publish(client, "zendesk:other", n=9)
    seen = []
    while out := lease(client):
        seen.append(sorted(json.loads(i.event.payload_json)["n"] for i in out))
        for item in out:
            complete(client, item)
    assert seen == [[0, 9], [1], [2]]


def test_a_waiting_lease_is_rung_awake(client: SidecarClient) -> None:
    """A worker that waits gets a new event at once, without polling hard."""
    found: list[float] = []

    def wait() -> None:
        out = lease(client, wait=Duration(seconds=10))
        found.append(time.monotonic())
        assert len(out) == 1
        complete(client, out[0])

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    begun = time.monotonic()
    publish(client)
    thread.join(12)
    assert found[0] - begun < 0.5


def test_a_zombie_is_refused(client: SidecarClient) -> None:
    """A token that is not the present one ends nothing."""
    publish(client)
    (item,) = lease(client)
    zombie = pb.EventLease(delivery_id=item.delivery_id, lease_token="old")
    with pytest.raises(SidecarError) as refused:
        complete(client, zombie)
    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION
    complete(client, item)
    with pytest.raises(SidecarError) as again:
        complete(client, item)
    assert again.value.code is grpc.StatusCode.FAILED_PRECONDITION


def test_what_a_worker_does_not_have_comes_back_at_once(client: SidecarClient) -> None:
    """Its predecessor's, or a lost answer's; what it says it has stays with it."""
    for number in range(2):
        publish(client, f"zendesk:held{number}")
    names = {item.delivery_id for item in lease(client, worker="w")}
    assert len(names) == 2
    first, second = sorted(names)

    def ask(worker: str, *held: str) -> list[pb.EventLease]:
        request = pb.LeaseEventsRequest(subscriber="zendesk", worker=worker)
        request.held.delivery_ids.extend(held)
        request.held.SetInParent()
        return list(client.events.LeaseEvents(request).leases)

    assert ask("v") == []
    assert ask("w", first, second) == []
    (again,) = ask("w", first)
    assert (again.delivery_id, again.work_alone) == (second, True)
    began = ask("w")
    assert [item.delivery_id for item in began] == [first]
    with pytest.raises(SidecarError) as refused:
        ask("")
    assert refused.value.violations[0].field == "worker"
    with pytest.raises(SidecarError) as lost:
        complete(client, again)
    assert lost.value.reason == "LEASE_LOST"
    complete(client, began[0])
    (last,) = ask("w")
    complete(client, last)


def test_a_locked_database_is_said_and_leaves_nothing_half(
    running: Running, client: SidecarClient
) -> None:
    """B10: another writer holds SQLite longer than we wait: 503, then all is well."""
    path = running.house.settings.data_dir / "deskside.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SidecarError) as refused:
        publish(client, "", "locked", timeout=5.9)
    assert refused.value.code.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED")
    rows = "SELECT count(*) FROM events WHERE source_event_id = 'locked'"
    assert other.execute(rows).fetchone() == (0,)
    other.execute("ROLLBACK")
    # The client's second attempt may still be on its way in: it is the same event.
    publish(client, "", "locked")
    assert other.execute(rows).fetchone() == (1,)
    other.close()
    assert len(lease(client)) == 1


def test_a_failure_is_tried_again_given_back_or_dead(client: SidecarClient) -> None:
    """The worker says which; a vendor's wait is kept and counts no attempt."""

    def fail(kind: pb.FailureKind.ValueType, wait: int = 0) -> pb.FailEventResponse:
        (item,) = lease(client)
        request = pb.FailEventRequest(
            delivery_id=item.delivery_id,
            lease_token=item.lease_token,
            kind=kind,
            error_reason="TEST",
        )
        if wait:
            request.retry_after.FromSeconds(wait)
        return client.events.FailEvent(request)

    publish(client)
    answer = fail(pb.FAILURE_KIND_RELEASE)
    assert answer.state == pb.DELIVERY_STATE_PENDING
    began = datetime.now(UTC)
    answer = fail(pb.FAILURE_KIND_TRY_AGAIN, wait=1)
    assert answer.state == pb.DELIVERY_STATE_RETRY
    due = answer.next_attempt_at.ToDatetime(UTC)
    assert timedelta(seconds=0.9) < due - began < timedelta(seconds=3)
    assert lease(client) == []
    (item,) = lease(client, wait=Duration(seconds=5))
    assert item.attempt == 1
    begun = client.events.FailEvent(
        pb.FailEventRequest(
            delivery_id=item.delivery_id,
            lease_token=item.lease_token,
            retry_after=Duration(seconds=10**9),
        )
    )
    capped = begun.next_attempt_at.ToDatetime(UTC) - datetime.now(UTC)
    assert capped <= timedelta(hours=1)
    publish(client)
    answer = fail(pb.FAILURE_KIND_GIVE_UP)
    assert answer.state == pb.DELIVERY_STATE_DEAD
    assert not answer.HasField("next_attempt_at")


def test_nobody_speaks_in_anothers_name(running: Running) -> None:
    """Our own source and types, and other connectors', are refused."""
    with running.house.ports.store.transaction() as tx:
        _, secret = add_key(
            *(tx, running.house.ports, "default", "z", Role.SERVICE),
            *("zendesk", None, "test"),
        )
    wrong = [
        ("deskside", "ticket.classified", "INVALID_ARGUMENT"),
        ("zendesk", "escalation.created", "INVALID_ARGUMENT"),
        ("zendesk", "slack.event", "INVALID_ARGUMENT"),
        ("slack", "slack.event", "PERMISSION_DENIED"),
    ]
    with SidecarClient(running.address, secret) as own:
        for source, kind, code in wrong:
            event = pb.Event(
                type=kind, schema_version=1, source=source, source_event_id="x"
            )
            with pytest.raises(SidecarError) as refused:
                own.events.PublishEvent(pb.PublishEventRequest(event=event))
            assert refused.value.code.name in (code, "PERMISSION_DENIED")
        with pytest.raises(SidecarError) as refused:
            own.events.LeaseEvents(pb.LeaseEventsRequest(subscriber="slack"))
        assert refused.value.code.name == "PERMISSION_DENIED"


def test_payloads_have_a_limit_and_are_json(client: SidecarClient) -> None:
    """256 KiB and no more; what is not JSON in UTF-8 is refused."""
    for payload in (b'"' + b"x" * (256 * 1024 - 1) + b'"', b"{", b"\xff", b"NaN"):
        event = pb.Event(
            type="zendesk.ticket.updated",
            schema_version=1,
            source="zendesk",
            source_event_id=uuid.uuid4().hex,
            payload_json=payload,
        )
        with pytest.raises(SidecarError) as refused:
            client.events.PublishEvent(pb.PublishEventRequest(event=event))
        assert refused.value.code.name == "INVALID_ARGUMENT"
        assert refused.value.violations[0].field == "event.payload_json"
