"""A worker that meets an event of a newer version leaves it for the update."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from connectors import worker
from connectors.events import Delivery
from sidecar.client import SidecarClient
from sidecar.v1 import event_pb2 as pb
from tests.contract.rpc.conftest import Running
from tests.flow.connector_house import until


def publish(client: SidecarClient, version: int) -> str:
    """Publish an event of this version and return its identifier."""
    event = pb.Event(
        type="salesforce.case.changed",
        schema_version=version,
        source="salesforce",
        source_event_id=uuid.uuid4().hex,
        payload_json=b'{"n":1}',
    )
    answer = client.events.PublishEvent(pb.PublishEventRequest(event=event))
    return answer.event_id


def test_an_event_of_a_newer_version_is_kept_until_the_update(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up unread as SCHEMA_UNKNOWN; the newer program does it, replayed."""
    seen: list[str] = []

    def handle(delivery: Delivery) -> Mapping[str, Any]:
        seen.append(delivery.event_id)
        return {}

    filters = pb.DeadLetterFilter(error_reason="SCHEMA_UNKNOWN")
    with running.client() as client:

        def dead() -> list[pb.DeadLetter]:
            request = pb.ListDeadLettersRequest(filter=filters)
            return list(client.events.ListDeadLetters(request).dead_letters)

        newer, known = publish(client, 2), publish(client, 1)
        works = worker.Worker(client, "salesforce", handle)
        works.start()
        try:
            until(lambda: seen and dead(), 20, "the end of both")
            (letter,) = dead()
            assert (letter.event.event_id, letter.attempts) == (newer, 1)
            assert "update" in letter.error_message
            assert seen == [known]
            monkeypatch.setattr(worker, "SCHEMA_VERSION", 2)
            request = pb.ReplayDeadLettersRequest(filter=filters)
            assert client.events.ReplayDeadLetters(request).replayed_count == 1
            until(lambda: len(seen) == 2, 20, "the newer one")
        finally:
            assert works.stop(10)
        assert seen == [known, newer]
        assert dead() == []
