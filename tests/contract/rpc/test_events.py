"""The event road through a real server: publish, lease, complete, fail."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import event_pb2 as pb
from tests.contract.rpc.conftest import Running


def publish(
    client: SidecarClient, ticket: str = "", source_event_id: str = "", n: int = 0
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
    return client.events.PublishEvent(pb.PublishEventRequest(event=event))


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
