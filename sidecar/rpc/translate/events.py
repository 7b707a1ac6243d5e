"""Requests and answers of the event service."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sidecar.domain.event import (
    LONGEST_WAIT,
    MAX_PAYLOAD_BYTES,
    MAX_RESULT_BYTES,
    DeadLetter,
    DeadLetterFilter,
    Event,
    Failure,
    FailureKind,
    Lease,
)
from sidecar.errors import FieldViolation, MendRequest, Reason, invalid
from sidecar.rpc.translate import limits
from sidecar.usecases.deliveries import Failed, Handed, Wanted
from sidecar.v1 import event_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from google.protobuf.duration_pb2 import Duration

    from sidecar.usecases.events import Published

DEFAULT_LEASE = timedelta(seconds=30)
_LEASES = (timedelta(seconds=5), timedelta(minutes=10))
_MOST_WAIT = timedelta(seconds=30)
_MOST_EVENTS = 100
_MOST_TYPES = 50
_MOST_IDS = 1000
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII)
_PATTERN = re.compile(r"([a-z0-9_]+\.)*[a-z0-9_]*\*?", re.ASCII)
_SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_REASON = re.compile(r"[A-Za-z0-9_.:-]{0,64}", re.ASCII)
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

_KINDS: dict[int, FailureKind] = {
    event_pb2.FAILURE_KIND_UNSPECIFIED: FailureKind.TRY_AGAIN,
    event_pb2.FAILURE_KIND_TRY_AGAIN: FailureKind.TRY_AGAIN,
    event_pb2.FAILURE_KIND_GIVE_UP: FailureKind.GIVE_UP,
    event_pb2.FAILURE_KIND_RELEASE: FailureKind.RELEASE,
}


def new_event(request: event_pb2.PublishEventRequest) -> Event:
    """Return the event to store."""
    given = request.event
    version = limits.between(
        "event.schema_version", given.schema_version, 1, 1_000_000, 0
    )
    if not version:
        raise limits.missing("event.schema_version")
    occurred = limits.moment(
        "event.occurred_at", given.occurred_at, present=given.HasField("occurred_at")
    )
    trace = given.trace_parent
    return Event(
        type=_shaped("event.type", given.type, _TYPE, 128),
        source=source("event.source", given.source),
        source_event_id=limits.identifier(
            "event.source_event_id", given.source_event_id, required=True
        ),
        payload=json_text("event.payload_json", given.payload_json, MAX_PAYLOAD_BYTES),
        occurred_at=occurred,
        schema_version=version,
        ticket_key=limits.identifier("event.ticket_key", given.ticket_key, longest=600),
        ticket_id=limits.identifier("event.ticket_id", given.ticket_id, longest=32),
        # A trace is a help, not a condition: what is not one is left out.
        trace_parent=trace if _TRACE.fullmatch(trace) else "",
    )


def published(found: Published) -> event_pb2.PublishEventResponse:
    """Return the stored event's id."""
    return event_pb2.PublishEventResponse(
        event_id=found.event_id, duplicate=found.duplicate
    )


def wanted(request: event_pb2.LeaseEventsRequest) -> Wanted:
    """Return what a worker asks for."""
    limits.check_count("types", len(request.types), _MOST_TYPES)
    types = tuple(
        _shaped(f"types[{i}]", kind, _PATTERN, 128)
        for i, kind in enumerate(request.types)
    )
    wait = timedelta(0)
    if request.HasField("wait"):
        wait = _duration("wait", request.wait)
        if wait > _MOST_WAIT:
            raise invalid("wait", "At most 30 seconds are allowed.")
    return Wanted(
        subscriber=source("subscriber", request.subscriber),
        types=types,
        limit=limits.between("max_events", request.max_events, 1, _MOST_EVENTS, 10),
        lease=lease_duration(request),
        wait=wait,
        worker=limits.line("worker", request.worker, 100),
        held=_held(request),
    )


def _held(request: event_pb2.LeaseEventsRequest) -> frozenset[str] | None:
    if not request.HasField("held"):
        return None
    if not request.worker:
        raise invalid("worker", "Name the worker that has these deliveries.")
    names = request.held.delivery_ids
    limits.check_count("held.delivery_ids", len(names), _MOST_EVENTS)
    return frozenset(names)


def handed(found: Handed) -> event_pb2.LeaseEventsResponse:
    """Return what is out now."""
    return event_pb2.LeaseEventsResponse(
        leases=[_lease(lease) for lease in found.leases],
        writing_paused=found.writing_paused,
        settings_etag=found.settings_etag,
    )


def lease_duration(request: Any) -> timedelta:
    """Return how long a lease shall last; unset means 30 seconds."""
    if not request.HasField("lease_duration"):
        return DEFAULT_LEASE
    asked = _duration("lease_duration", request.lease_duration)
    if not _LEASES[0] <= asked <= _LEASES[1]:
        raise invalid("lease_duration", "Must be between 5 seconds and 10 minutes.")
    return asked


def held(request: Any) -> tuple[str, str]:
    """Return delivery id and lease token."""
    return (
        limits.identifier("delivery_id", request.delivery_id, required=True),
        limits.identifier("lease_token", request.lease_token, required=True),
    )


def renewed(until: datetime) -> event_pb2.RenewLeaseResponse:
    """Return the longer lease."""
    answer = event_pb2.RenewLeaseResponse()
    answer.lease_expires_at.FromDatetime(until)
    return answer


def result(request: event_pb2.CompleteEventRequest) -> str:
    """Return what came of it, as JSON text."""
    if not request.result_json:
        return ""
    return json_text("result_json", request.result_json, MAX_RESULT_BYTES)


def failure(request: event_pb2.FailEventRequest) -> Failure:
    """Return why a delivery failed."""
    after = timedelta(0)
    if request.HasField("retry_after"):
        # Vendors send anything; what is too long is shortened, not refused.
        seconds = min(max(request.retry_after.seconds, 0), LONGEST_WAIT.seconds)
        after = timedelta(seconds=seconds, microseconds=request.retry_after.nanos / 1e3)
    reason = _shaped("error_reason", request.error_reason, _REASON, 64, required=False)
    return Failure(
        limits.choice("kind", request.kind, _KINDS),
        reason,
        limits.text("error_message", request.error_message, limits.MAX_NOTE),
        max(after, timedelta(0)),
    )


def failed(found: Failed) -> event_pb2.FailEventResponse:
    """Return what became of it."""
    if found.next_attempt is None:
        return event_pb2.FailEventResponse(state=event_pb2.DELIVERY_STATE_DEAD)
    state = (
        event_pb2.DELIVERY_STATE_RETRY
        if found.retry
        else event_pb2.DELIVERY_STATE_PENDING
    )
    answer = event_pb2.FailEventResponse(state=state)
    answer.next_attempt_at.FromDatetime(found.next_attempt)
    return answer


def dead_filter(given: event_pb2.DeadLetterFilter, at: str) -> DeadLetterFilter:
    """Return which dead letters are meant."""
    span = given.died_in
    return DeadLetterFilter(
        subscriber=source(f"{at}.subscriber", given.subscriber, required=False),
        type=limits.identifier(f"{at}.type", given.type, longest=128),
        reason=limits.identifier(f"{at}.error_reason", given.error_reason, longest=64),
        died_from=limits.moment(
            f"{at}.died_in", span.start_time, present=span.HasField("start_time")
        ),
        died_before=limits.moment(
            f"{at}.died_in", span.end_time, present=span.HasField("end_time")
        ),
    )


def chosen(request: Any) -> DeadLetterFilter:
    """Return the selection of a request; one is required."""
    which = request.WhichOneof("selection")
    if which is None:
        raise limits.missing("selection")
    if which == "filter":
        return dead_filter(request.filter, "filter")
    names = request.ids.delivery_ids
    limits.check_count("ids.delivery_ids", len(names), _MOST_IDS)
    if not names:
        raise limits.missing("ids.delivery_ids")
    known = (
        limits.identifier(f"ids.delivery_ids[{i}]", name, required=True)
        for i, name in enumerate(names)
    )
    return DeadLetterFilter(delivery_ids=tuple(known))


def dead_page(
    items: Iterable[DeadLetter], token: str
) -> event_pb2.ListDeadLettersResponse:
    """Return a page of dead letters."""
    return event_pb2.ListDeadLettersResponse(
        dead_letters=[_dead(item) for item in items], next_page_token=token
    )


def source(field: str, value: str, *, required: bool = True) -> str:
    """Return the name of a source or subscriber."""
    return _shaped(field, value, _SOURCE, 64, required=required)


def json_text(field: str, value: bytes, most: int) -> str:
    """Return a JSON text of at most ``most`` bytes; '{}' for nothing."""
    if len(value) > most:
        violation = FieldViolation(field, f"At most {most // 1024} KiB are allowed.")
        raise MendRequest(Reason.FIELD_TOO_LONG, (violation,))
    try:
        text = value.decode()
        if text:
            json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid(field, "This is not JSON in UTF-8.") from None
    return text or "{}"


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _shaped(
    field: str,
    value: str,
    shape: re.Pattern[str],
    longest: int,
    *,
    required: bool = True,
) -> str:
    value = limits.identifier(field, value, required=required, longest=longest)
    if value and not shape.fullmatch(value):
        raise invalid(field, f"Must look like {shape.pattern}.")
    return value


def _duration(field: str, value: Duration) -> timedelta:
    try:
        found = value.ToTimedelta()
    except (ValueError, OverflowError):
        raise invalid(field, "This is not a duration.") from None
    if found < timedelta(0):
        raise invalid(field, "Must not be negative.")
    return found


def _event(item: Event) -> event_pb2.Event:
    answer = event_pb2.Event(
        event_id=item.id,
        type=item.type,
        schema_version=item.schema_version,
        source=item.source,
        source_event_id=item.source_event_id,
        ticket_key=item.ticket_key,
        ticket_id=item.ticket_id,
        payload_json=item.payload.encode(),
        trace_parent=item.trace_parent,
    )
    if item.occurred_at is not None:
        answer.occurred_at.FromDatetime(item.occurred_at)
    if item.recorded_at is not None:
        answer.recorded_at.FromDatetime(item.recorded_at)
    return answer


def _lease(item: Lease) -> event_pb2.EventLease:
    answer = event_pb2.EventLease(
        delivery_id=item.delivery_id,
        lease_token=item.token,
        event=_event(item.event),
        attempt=item.attempt,
        work_alone=item.work_alone,
    )
    answer.lease_expires_at.FromDatetime(item.expires_at)
    return answer


def _dead(item: DeadLetter) -> event_pb2.DeadLetter:
    answer = event_pb2.DeadLetter(
        delivery_id=item.delivery_id,
        subscriber=item.subscriber,
        event=_event(item.event),
        attempts=item.attempts,
        error_reason=item.reason,
        error_message=item.message,
    )
    answer.died_at.FromDatetime(item.died_at)
    return answer
