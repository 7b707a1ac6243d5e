"""The worker of one connector in one workspace: lease, handle, complete.

One thread leases as many deliveries as there are free hands; leases that are out are
renewed while work goes on. What a worker that dies leaves is handed out again, at
once to the next one of its name, and the work is repeated, whose effects are keyed.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import duration_pb2

from connectors import metrics
from connectors.events import Delivery, GiveUp, Later, LostLease, TryAgain
from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import event_pb2

log = logging.getLogger(__name__)
HANDS = 4
SCHEMA_VERSION = 1
# Short, so that a stop is not held up by a wait for events.
WAIT_SECONDS = 1.0
# Nor by a sidecar that has gone first. What an answer that came too late had leased is
# not among what a named worker holds: it comes back with the next lease. Without a
# name it comes when its lease runs out.
_ANSWER_SECONDS = 3.0
_LONGEST_PAUSE = 5.0
_RESULT_BYTES = 60 * 1024

Handle = Callable[[Delivery], Mapping[str, Any]]


@dataclass(slots=True)
class _Out:
    """A delivery that is out; ``renewed`` is the monotonic moment of the last lease."""

    lease: event_pb2.EventLease
    renewed: float
    lost: bool = False


class Worker:
    """Works until it is stopped; ``types`` narrows what it leases."""

    def __init__(
        self,
        client: SidecarClient,
        connector: str,
        handle: Handle,
        *,
        types: Callable[[], tuple[str, ...]] = tuple,
        lease_seconds: float = 30.0,
        name: str = "",
    ) -> None:
        self._client = client
        self._connector = connector
        self._handle = handle
        self._types = types
        self._lease_seconds = lease_seconds
        self._name = name
        self._stop = threading.Event()
        self._out: dict[str, _Out] = {}
        self._lock = threading.Lock()
        self._free = threading.Semaphore(HANDS)
        self._pool = ThreadPoolExecutor(HANDS, f"{connector}-hand")
        self._threads = [
            threading.Thread(target=self._lead, name=f"{connector}-lead"),
            threading.Thread(target=self._renew, name=f"{connector}-renew"),
        ]

    def start(self) -> None:
        """Begin to lease."""
        for thread in self._threads:
            thread.start()

    def use(self, client: SidecarClient) -> None:
        """Make every call from now on with another key of the workspace."""
        self._client = client

    def ask_to_stop(self) -> None:
        """Lease nothing more; what is in hand is finished."""
        self._stop.set()

    def stop(self, seconds: float) -> bool:
        """Wait until what is in hand is finished; say whether it was in time."""
        self._stop.set()
        end = time.monotonic() + seconds
        self._threads[0].join(seconds)
        while self._out and time.monotonic() < end:
            time.sleep(0.02)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._threads[1].join(1)
        return not self._out

    def _lead(self) -> None:
        pause = 0.1
        while not self._stop.is_set():
            hands = self._take_hands()
            if not hands:
                continue
            try:
                leases = self._lease(hands)
                pause = 0.1
            except SidecarError as error:
                leases = []
                if error.reason:
                    log.warning("%s cannot lease: %s", self._connector, error.reason)
                self._stop.wait(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
                pause = min(pause * 2, _LONGEST_PAUSE)
            if len(leases) == 1 and leases[0].work_alone:
                self._begin_alone(leases[0], hands)
                continue
            for _ in range(hands - len(leases)):
                self._free.release()
            for lease in leases:
                self._begin(lease)

    def _begin_alone(self, lease: event_pb2.EventLease, hands: int) -> None:
        """Work on what may have killed a worker while nothing else is in hand."""
        out = self._note(lease)
        while hands < HANDS and not self._stop.is_set():
            hands += self._free.acquire(timeout=0.2)
        ended = self._submit(out)
        if ended is not None:
            wait([ended])
        for _ in range(hands - 1):
            self._free.release()

    def _take_hands(self) -> int:
        if not self._free.acquire(timeout=0.2):
            return 0
        hands = 1
        while hands < HANDS and self._free.acquire(blocking=False):
            hands += 1
        return hands

    def _lease(self, hands: int) -> list[event_pb2.EventLease]:
        request = event_pb2.LeaseEventsRequest(
            subscriber=self._connector,
            types=self._types(),
            max_events=hands,
            lease_duration=_duration(self._lease_seconds),
            wait=_duration(WAIT_SECONDS),
            worker=self._name,
        )
        if self._name:
            # What a process of this name left comes back now, and not only when its
            # leases run out; the same goes for an answer that got lost.
            with self._lock:
                request.held.delivery_ids.extend(self._out)
            request.held.SetInParent()
        patience = WAIT_SECONDS + _ANSWER_SECONDS
        answer = self._client.events.LeaseEvents(request, timeout=patience)
        return list(answer.leases)

    def _begin(self, lease: event_pb2.EventLease) -> None:
        self._submit(self._note(lease))

    def _note(self, lease: event_pb2.EventLease) -> _Out:
        out = _Out(lease, time.monotonic())
        with self._lock:
            self._out[lease.delivery_id] = out
        return out

    def _submit(self, out: _Out) -> Future[None] | None:
        try:
            return self._pool.submit(self._work, out)
        except RuntimeError:  # the pool is closed: it is no longer ours to do
            self._release(out)
            self._done_with(out, "released")
            return None

    def _work(self, out: _Out) -> None:
        began = time.perf_counter()
        outcome = "lost"
        try:
            if self._stop.is_set():
                self._release(out)
                outcome = "released"
                return
            outcome = self._handle_one(out)
        finally:
            seconds = time.perf_counter() - began
            metrics.DELIVERY_SECONDS.labels(self._connector).observe(seconds)
            self._done_with(out, outcome)

    def _handle_one(self, out: _Out) -> str:
        delivery = self._delivery(out)
        kind = delivery.type
        try:
            if out.lease.event.schema_version > SCHEMA_VERSION:
                message = "The event is of a newer version; update this program."
                raise GiveUp("SCHEMA_UNKNOWN", message)
            result = self._handle(delivery)
        except LostLease:
            return "lost"
        except Later as failure:
            log.info("%s waits: %s", kind, failure.reason)
            wait = failure.retry_after
            self._fail(out, "RELEASE", failure.reason, failure.message, wait)
            return "later"
        except TryAgain as failure:
            log.info("%s will be tried again: %s", kind, failure.reason)
            wait = failure.retry_after
            self._fail(out, "TRY_AGAIN", failure.reason, failure.message, wait)
            return "try_again"
        except GiveUp as failure:
            log.warning("%s is given up: %s", kind, failure.reason)
            self._fail(out, "GIVE_UP", failure.reason, failure.message)
            return "give_up"
        except Exception as error:  # noqa: BLE001 - a bug must not stop the worker
            # The message may quote a ticket: type and place are what a log may hold.
            where = _where(error)
            log.error("%s failed with %s at %s", kind, type(error).__name__, where)
            message = f"Unexpected {type(error).__name__} at {where}."
            self._fail(out, "TRY_AGAIN", "CONNECTOR_FAULT", message)
            return "try_again"
        return self._complete(out, result)

    def _delivery(self, out: _Out) -> Delivery:
        event = out.lease.event
        try:
            payload = json.loads(event.payload_json or b"{}")
        except ValueError:
            payload = {}
        happened = (
            event.occurred_at.ToDatetime().replace(tzinfo=UTC)
            if event.HasField("occurred_at")
            else None
        )
        return Delivery(
            event_id=event.event_id,
            type=event.type,
            payload=payload if isinstance(payload, dict) else {},
            source=event.source,
            source_event_id=event.source_event_id,
            ticket_key=event.ticket_key,
            ticket_id=event.ticket_id,
            occurred_at=happened,
            attempt=out.lease.attempt,
            keep=lambda: self._keep(out),
        )

    def _keep(self, out: _Out) -> None:
        if out.lost:
            raise LostLease
        try:
            self._renew_one(out)
        except SidecarError as error:
            if _is_lost(error):
                out.lost = True
                raise LostLease from None
            # Nobody can be asked: only a lease that surely still holds is enough.
            if time.monotonic() - out.renewed > self._lease_seconds / 2:
                raise LostLease from None

    def _complete(self, out: _Out, result: Mapping[str, Any]) -> str:
        text = json.dumps(result, ensure_ascii=False, default=str).encode()
        if len(text) > _RESULT_BYTES:
            text = b'{"truncated":true}'
        request = event_pb2.CompleteEventRequest(
            delivery_id=out.lease.delivery_id,
            lease_token=out.lease.lease_token,
            result_json=text,
        )
        told = self._tell(lambda: self._client.events.CompleteEvent(request), out)
        return "done" if told else "lost"

    def _fail(
        self,
        out: _Out,
        kind: str,
        reason: str,
        message: str,
        retry_after: float | None = None,
    ) -> None:
        request = event_pb2.FailEventRequest(
            delivery_id=out.lease.delivery_id,
            lease_token=out.lease.lease_token,
            kind=event_pb2.FailureKind.Value(f"FAILURE_KIND_{kind}"),
            error_reason=reason[:64],
            error_message=message[:500],
        )
        if retry_after is not None:
            request.retry_after.CopyFrom(_duration(max(retry_after, 0.0)))
        self._tell(lambda: self._client.events.FailEvent(request), out)

    def _release(self, out: _Out) -> None:
        self._fail(out, "RELEASE", "", "")

    def _tell(self, call: Callable[[], object], out: _Out) -> bool:
        """Report an outcome, through a restart of the sidecar while the lease lasts."""
        pause = 0.1
        while True:
            try:
                call()
            except SidecarError as error:
                spent = time.monotonic() - out.renewed
                if _is_lost(error) or spent > self._lease_seconds:
                    return False
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                return True

    def _renew(self) -> None:
        every = self._lease_seconds / 3
        while not self._stop.wait(0.25) or self._out:
            now = time.monotonic()
            with self._lock:
                due = [o for o in self._out.values() if now - o.renewed >= every]
            for out in due:
                try:
                    self._renew_one(out)
                except SidecarError as error:
                    out.lost = out.lost or _is_lost(error)
            if self._stop.is_set():
                time.sleep(0.05)

    def _renew_one(self, out: _Out) -> None:
        asked = time.monotonic()
        request = event_pb2.RenewLeaseRequest(
            delivery_id=out.lease.delivery_id,
            lease_token=out.lease.lease_token,
            lease_duration=_duration(self._lease_seconds),
        )
        self._client.events.RenewLease(request, timeout=2)
        out.renewed = asked

    def _done_with(self, out: _Out, outcome: str) -> None:
        with self._lock:
            self._out.pop(out.lease.delivery_id, None)
        self._free.release()
        metrics.DELIVERIES.labels(self._connector, outcome).inc()


def _duration(seconds: float) -> duration_pb2.Duration:
    found = duration_pb2.Duration()
    found.FromMilliseconds(int(seconds * 1000))
    return found


def _is_lost(error: SidecarError) -> bool:
    return error.code in (
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.NOT_FOUND,
    )


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "?"
    last = frames[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
