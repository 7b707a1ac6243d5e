"""The connectors' one connection to the sidecar: workspaces, credentials, events."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import grpc

from connectors.events import Credentials, Inbound, Mode
from connectors.link import REQUEST_SECONDS, Deadline, Link, Unavailable
from connectors.settings import ConnectorsSettings
from connectors.workspaces import Kept, UnknownWorkspace, Workspace, Workspaces
from sidecar.client import SidecarClient, SidecarError

__all__ = [
    "Gateway",
    "SidecarGateway",
    "Unavailable",
    "UnknownWorkspace",
    "Unstorable",
    "publish",
    "set_time",
]

_CHECK_EVERY = 2.0
_STALE_AFTER = 300.0
_REFRESH_AT_MOST_EVERY = 0.5
# What arrives at a connector that is off is dropped: the moment it is switched on,
# an old "off" would lose events. Asked again soon, yet a flood does not pass through.
_OFF_CHECK_EVERY = 0.1
_NEVER_SET_UP = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED)


class Unstorable(Exception):
    """The sidecar will never take this event; ``reason`` is its own word for it."""


class Gateway(Protocol):
    """What the receiver needs from the sidecar.

    Without a deadline each call has its own, of as long as a request may take.
    """

    def credentials(
        self,
        workspace: str,
        connector: str,
        *,
        fresh: bool = False,
        deadline: Deadline | None = None,
    ) -> Credentials:
        """Return how the connector is set up; ``fresh`` after a failed signature."""

    def publish(
        self,
        workspace: str,
        connector: str,
        event: Inbound,
        deadline: Deadline | None = None,
    ) -> bool:
        """Store an event durably; return whether it was here already."""

    def is_serving(self) -> bool:
        """Say whether the sidecar answers within a moment."""


class SidecarGateway:
    """Speaks gRPC; one channel, and one view of it for each workspace's key."""

    def __init__(self, settings: ConnectorsSettings) -> None:
        self._link = Link(settings)
        self._workspaces = Workspaces(settings, self._link)

    def workspaces(self, deadline: Deadline | None = None) -> dict[str, SidecarClient]:
        """Return the workspaces whose keys are known, by name.

        Asks the sidecar about keys it has not met; raises ``Unavailable`` when none
        could be asked about and none is known.
        """
        found: dict[str, SidecarClient] = {}
        for place in self._workspaces.all(deadline or Deadline.after()):
            found.setdefault(place.name, place.client)
        return found

    def warm_up(self, connectors: Iterable[str], seconds: float) -> None:
        """Meet the keys and fetch the credentials, if the sidecar is there for it.

        Otherwise the first requests would wait for that, for the connection and for
        what is imported along the way.
        """
        if not self._link.is_listening():
            return
        names = tuple(connectors)
        deadline = Deadline.after(seconds)
        with suppress(Unavailable, UnknownWorkspace):
            for workspace, client in self.workspaces(deadline).items():
                _ = client.events
                for name in names:
                    self.credentials(workspace, name, deadline=deadline)

    def credentials(
        self,
        workspace: str,
        connector: str,
        *,
        fresh: bool = False,
        deadline: Deadline | None = None,
    ) -> Credentials:
        """Return how the connector is set up in the workspace.

        Kept for two seconds (a tenth of one while off) and then compared by version;
        while the sidecar is away the last known are good for five minutes. Raises
        ``UnknownWorkspace``, ``Unavailable``.
        """
        deadline = deadline or Deadline.after()
        place = self._workspaces.find(workspace, deadline)
        kept = place.kept.get(connector)
        age = time.monotonic() - kept.checked if kept else _STALE_AFTER
        if kept and age < _good_for(kept.credentials, fresh):
            return kept.credentials
        try:
            found = self._ask(place, connector, kept, deadline)
        except Unavailable:
            if kept and age < _STALE_AFTER:
                return kept.credentials
            raise
        place.kept[connector] = Kept(found, time.monotonic())
        return found

    def publish(
        self,
        workspace: str,
        connector: str,
        event: Inbound,
        deadline: Deadline | None = None,
    ) -> bool:
        """Store an event durably; return whether it was here already.

        Raises ``Unavailable`` when it is not stored, or nobody knows, and
        ``Unstorable`` when it never will be.
        """
        deadline = deadline or Deadline.after()
        place = self._workspaces.find(workspace, deadline)
        try:
            return self._link.ask(
                lambda seconds: publish(place.client, connector, event, seconds),
                deadline,
            )
        except SidecarError as error:
            if error.code is grpc.StatusCode.INVALID_ARGUMENT:
                raise Unstorable(error.reason) from None
            raise Unavailable(error.reason or error.code.name) from None

    def is_serving(self) -> bool:
        """Say whether the sidecar answers within a moment."""
        return self._link.is_serving(0.5)

    def close(self) -> None:
        """Close the channel; calls under way fail."""
        self._link.close()

    def _ask(
        self, place: Workspace, connector: str, kept: Kept | None, deadline: Deadline
    ) -> Credentials:
        from sidecar.v1 import connector_pb2

        service = place.client.connectors
        about = connector_pb2.GetConnectorRequest(connector=connector)
        request = connector_pb2.GetConnectorCredentialsRequest(connector=connector)
        try:
            if kept is not None:
                # Reading secrets is audited each time; whether they changed is not.
                seen = self._link.ask(
                    lambda seconds: service.GetConnector(about, timeout=seconds),
                    deadline,
                ).connector
                if seen.etag and seen.etag == kept.credentials.etag:
                    return kept.credentials
            answer = self._link.ask(
                lambda seconds: service.GetConnectorCredentials(
                    request, timeout=seconds
                ),
                deadline,
            )
        except SidecarError as error:
            if error.code in _NEVER_SET_UP:
                return Credentials(connector, place.name, Mode.OFF, {})
            raise Unavailable(error.reason or error.code.name) from None
        return Credentials(
            connector,
            place.name,
            _mode(answer.mode),
            dict(answer.settings),
            answer.etag,
        )


def _good_for(kept: Credentials, fresh: bool) -> float:
    if kept.mode is Mode.OFF:
        return _OFF_CHECK_EVERY
    return _REFRESH_AT_MOST_EVERY if fresh else _CHECK_EVERY


def publish(
    client: SidecarClient,
    source: str,
    event: Inbound,
    seconds: float = REQUEST_SECONDS,
) -> bool:
    """Store one event; return whether it was here already. Raises ``SidecarError``."""
    from sidecar.v1 import event_pb2

    message = event_pb2.Event(
        type=event.type,
        schema_version=event.schema_version,
        source=source,
        source_event_id=event.source_event_id,
        ticket_key=event.ticket_key,
        payload_json=event.payload_json(),
    )
    if event.occurred_at is not None:
        set_time(message.occurred_at, event.occurred_at)
    request = event_pb2.PublishEventRequest(event=message)
    return client.events.PublishEvent(request, timeout=seconds).duplicate


def set_time(target: object, moment: datetime) -> None:
    """Write a moment into a protobuf Timestamp."""
    from google.protobuf import timestamp_pb2

    assert isinstance(target, timestamp_pb2.Timestamp)
    target.FromDatetime(moment)


def _mode(value: int) -> Mode:
    from sidecar.v1 import connector_pb2

    modes: dict[int, Mode] = {
        connector_pb2.CONNECTOR_MODE_SHADOW: Mode.SHADOW,
        connector_pb2.CONNECTOR_MODE_SUGGEST: Mode.SUGGEST,
        connector_pb2.CONNECTOR_MODE_AUTOMATE: Mode.AUTOMATE,
    }
    return modes.get(value, Mode.OFF)
