"""The connectors' one connection to the sidecar: workspaces, credentials, events."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import grpc

from connectors.events import Credentials, Inbound, Mode
from connectors.settings import ConnectorsSettings
from sidecar.client import SidecarClient, SidecarError

log = logging.getLogger(__name__)

# A sender is answered within a second, whatever the sidecar does.
PUBLISH_SECONDS = 0.7
_ASK_SECONDS = 0.7
_CHECK_EVERY = 2.0
_STALE_AFTER = 300.0
_REFRESH_AT_MOST_EVERY = 0.5
# What arrives at a connector that is off is dropped: the moment it is switched on,
# an old "off" would lose events. Asked again soon, yet a flood does not pass through.
_OFF_CHECK_EVERY = 0.1
_DOWN_SECONDS = 0.5
_NEVER_SET_UP = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED)


class UnknownWorkspace(Exception):
    """No key of this process belongs to the workspace."""


class Unavailable(Exception):
    """The sidecar cannot be asked now; the sender shall come again."""


class Unstorable(Exception):
    """The sidecar will never take this event; ``reason`` is its own word for it."""


class Gateway(Protocol):
    """What the receiver needs from the sidecar."""

    def credentials(
        self, workspace: str, connector: str, *, fresh: bool = False
    ) -> Credentials:
        """Return how the connector is set up; ``fresh`` after a failed signature."""

    def publish(self, workspace: str, connector: str, event: Inbound) -> bool:
        """Store an event durably; return whether it was here already."""

    def is_serving(self) -> bool:
        """Say whether the sidecar answers within a moment."""


@dataclass(slots=True)
class _Kept:
    credentials: Credentials
    checked: float


@dataclass(slots=True)
class _Workspace:
    name: str
    client: SidecarClient
    kept: dict[str, _Kept] = field(default_factory=dict)


class SidecarGateway:
    """Speaks gRPC; one channel, and one view of it for each workspace's key."""

    def __init__(self, settings: ConnectorsSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._base: SidecarClient | None = None
        self._by_key: dict[str, _Workspace] = {}
        self._complete = False
        self._down_until = 0.0

    def workspaces(self) -> dict[str, SidecarClient]:
        """Return the workspaces whose keys are known, by name.

        Asks the sidecar about keys it has not met; raises ``Unavailable`` when none
        could be asked about and none is known.
        """
        self._meet_keys()
        if not self._by_key and not self._complete:
            raise Unavailable
        return {found.name: found.client for found in self._by_key.values()}

    def credentials(
        self, workspace: str, connector: str, *, fresh: bool = False
    ) -> Credentials:
        """Return how the connector is set up in the workspace.

        Kept for two seconds (a tenth of one while off) and then compared by version;
        while the sidecar is away the last known are good for five minutes. Raises
        ``UnknownWorkspace``, ``Unavailable``.
        """
        place = self._find(workspace)
        kept = place.kept.get(connector)
        age = time.monotonic() - kept.checked if kept else _STALE_AFTER
        if kept and age < _good_for(kept.credentials, fresh):
            return kept.credentials
        try:
            found = self._ask(place, connector, kept)
        except Unavailable:
            if kept and age < _STALE_AFTER:
                return kept.credentials
            raise
        place.kept[connector] = _Kept(found, time.monotonic())
        return found

    def publish(self, workspace: str, connector: str, event: Inbound) -> bool:
        """Store an event durably; return whether it was here already.

        Raises ``Unavailable`` when it is not stored, or nobody knows, and
        ``Unstorable`` when it never will be.
        """
        place = self._find(workspace)
        self._check_up()
        try:
            return publish(place.client, connector, event)
        except SidecarError as error:
            raise self._explain(error) from None

    def is_serving(self) -> bool:
        """Say whether the sidecar answers within a moment."""
        return self._open().wait_until_serving(0.5)

    def close(self) -> None:
        """Close the channel; calls under way fail."""
        with self._lock:
            if self._base is not None:
                self._base.close()
                self._base = None

    def _ask(
        self, place: _Workspace, connector: str, kept: _Kept | None
    ) -> Credentials:
        from sidecar.v1 import connector_pb2

        self._check_up()
        service = place.client.connectors
        try:
            if kept is not None:
                # Reading secrets is audited each time; whether they changed is not.
                about = connector_pb2.GetConnectorRequest(connector=connector)
                seen = service.GetConnector(about, timeout=_ASK_SECONDS).connector
                if seen.etag and seen.etag == kept.credentials.etag:
                    return kept.credentials
            request = connector_pb2.GetConnectorCredentialsRequest(connector=connector)
            answer = service.GetConnectorCredentials(request, timeout=_ASK_SECONDS)
        except SidecarError as error:
            if error.code in _NEVER_SET_UP:
                return Credentials(connector, place.name, Mode.OFF, {})
            raise self._explain(error) from None
        return Credentials(
            connector,
            place.name,
            _mode(answer.mode),
            dict(answer.settings),
            answer.etag,
        )

    def _find(self, workspace: str) -> _Workspace:
        for place in self._by_key.values():
            if place.name == workspace:
                return place
        self._meet_keys()
        for place in self._by_key.values():
            if place.name == workspace:
                return place
        if self._complete:
            raise UnknownWorkspace(workspace)
        raise Unavailable

    def _meet_keys(self) -> None:
        from sidecar.v1 import session_pb2

        keys = self._settings.read_keys()
        with self._lock:
            unmet = [key for key in keys if key not in self._by_key]
            gone = [key for key in self._by_key if key not in keys]
        for key in gone if keys else ():
            self._by_key.pop(key, None)
        self._complete = bool(keys) and not unmet
        for key in unmet:
            self._check_up()
            view = self._open().with_bearer(key)
            try:
                me = view.sessions.GetMe(session_pb2.GetMeRequest(), timeout=1)
            except SidecarError as error:
                problem = self._explain(error)
                log.warning("a key is not accepted: %s", error.reason or error.code)
                raise problem from None
            with self._lock:
                name = me.workspace_name or me.workspace_id
                self._by_key[key] = _Workspace(name, view)
        self._complete = bool(keys)

    def _check_up(self) -> None:
        # A sidecar that is away must not hold every thread for its whole deadline.
        if time.monotonic() < self._down_until:
            raise Unavailable

    def _explain(self, error: SidecarError) -> Unavailable | Unstorable:
        if error.code is grpc.StatusCode.INVALID_ARGUMENT:
            return Unstorable(error.reason)
        if error.is_unreachable:
            self._down_until = time.monotonic() + _DOWN_SECONDS
        return Unavailable(error.reason or error.code.name)

    def _open(self) -> SidecarClient:
        with self._lock:
            if self._base is None:
                settings = self._settings
                # Every call is made through a view with a workspace's own key; the
                # first client only owns the channel.
                self._base = SidecarClient.from_environment(
                    {
                        **settings.environ,
                        "DESKSIDE_SIDECAR_ADDRESS": settings.sidecar_address,
                        "DESKSIDE_API_KEY": "connectors",
                    }
                )
            return self._base


def _good_for(kept: Credentials, fresh: bool) -> float:
    if kept.mode is Mode.OFF:
        return _OFF_CHECK_EVERY
    return _REFRESH_AT_MOST_EVERY if fresh else _CHECK_EVERY


def publish(client: SidecarClient, source: str, event: Inbound) -> bool:
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
    return client.events.PublishEvent(request, timeout=PUBLISH_SECONDS).duplicate


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
