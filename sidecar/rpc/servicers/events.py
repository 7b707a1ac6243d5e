"""The event road: publish, lease, and say what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sidecar import metrics
from sidecar.rpc.translate import events as translate
from sidecar.rpc.translate.limits import page_size
from sidecar.usecases.dead_letters import (
    discard_dead_letters,
    list_dead_letters,
    replay_dead_letters,
)
from sidecar.usecases.deliveries import (
    complete_event,
    fail_event,
    lease_events,
    renew_lease,
)
from sidecar.usecases.events import publish_event
from sidecar.v1 import event_pb2 as pb

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk

# The answer must be on its way before the caller's deadline.
_MARGIN = timedelta(milliseconds=500)


class Events:
    """``EventService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def publish_event(
        self, request: pb.PublishEventRequest, call: Call
    ) -> pb.PublishEventResponse:
        """Store an event before it is acknowledged."""
        found = publish_event(self._ports, call.caller, translate.new_event(request))
        outcome = "duplicate" if found.duplicate else "stored"
        metrics.EVENTS_PUBLISHED.labels(outcome).inc()
        return translate.published(found)

    def lease_events(
        self, request: pb.LeaseEventsRequest, call: Call
    ) -> pb.LeaseEventsResponse:
        """Hand out what is due, waiting for it if asked."""
        wanted = translate.wanted(request)
        left = timedelta(seconds=call.remaining) - _MARGIN
        wanted = replace(wanted, wait=min(wanted.wait, max(left, timedelta(0))))
        found = lease_events(self._ports, call.caller, wanted, call.is_active)
        for lease in found.leases:
            metrics.EVENT_ATTEMPTS.observe(lease.attempt)
        return translate.handed(found)

    def renew_lease(
        self, request: pb.RenewLeaseRequest, call: Call
    ) -> pb.RenewLeaseResponse:
        """Make a lease last longer."""
        delivery, token = translate.held(request)
        duration = translate.lease_duration(request)
        until = renew_lease(self._ports, call.caller, delivery, token, duration)
        return translate.renewed(until)

    def complete_event(
        self, request: pb.CompleteEventRequest, call: Call
    ) -> pb.CompleteEventResponse:
        """Note that a delivery is done."""
        delivery, token = translate.held(request)
        result = translate.result(request)
        complete_event(self._ports, call.caller, delivery, token, result)
        metrics.EVENTS_ENDED.labels("done").inc()
        return pb.CompleteEventResponse()

    def fail_event(
        self, request: pb.FailEventRequest, call: Call
    ) -> pb.FailEventResponse:
        """Decide what becomes of a failed delivery."""
        delivery, token = translate.held(request)
        why = translate.failure(request)
        found = fail_event(self._ports, call.caller, delivery, token, why)
        outcome = "dead" if found.next_attempt is None else why.kind.value
        metrics.EVENTS_ENDED.labels(outcome).inc()
        return translate.failed(found)

    def list_dead_letters(
        self, request: pb.ListDeadLettersRequest, call: Call
    ) -> pb.ListDeadLettersResponse:
        """Return a page of dead letters, newest first."""
        where, size = (
            translate.dead_filter(request.filter, "filter"),
            page_size(request.page_size),
        )
        cursor = self._desk.pages.open(call, request)
        page = list_dead_letters(self._ports, call.caller, where, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return translate.dead_page(page.items, token)

    def replay_dead_letters(
        self, request: pb.ReplayDeadLettersRequest, call: Call
    ) -> pb.ReplayDeadLettersResponse:
        """Give dead deliveries another chance."""
        where = translate.chosen(request)
        return self._desk.once.run(
            call,
            request,
            lambda done: replay_dead_letters(self._ports, call.caller, where, done),
            lambda count: pb.ReplayDeadLettersResponse(replayed_count=count),
        )

    def discard_dead_letters(
        self, request: pb.DiscardDeadLettersRequest, call: Call
    ) -> pb.DiscardDeadLettersResponse:
        """Throw dead deliveries away for good."""
        where = translate.chosen(request)
        return self._desk.once.run(
            call,
            request,
            lambda done: discard_dead_letters(self._ports, call.caller, where, done),
            lambda count: pb.DiscardDeadLettersResponse(discarded_count=count),
        )
