"""The workspaces of this process: one for each key that the sidecar knows."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from connectors.events import Credentials
from connectors.link import Deadline, Link, Unavailable
from connectors.settings import ConnectorsSettings
from sidecar.client import SidecarClient, SidecarError

log = logging.getLogger(__name__)
# Strangers' requests for places nobody knows must not ask about it each time.
_ASK_AGAIN_SECONDS = 2.0


class UnknownWorkspace(Exception):
    """No key of this process belongs to the workspace."""


@dataclass(slots=True)
class Kept:
    """Credentials, and when they were last compared (monotonic seconds)."""

    credentials: Credentials
    checked: float


@dataclass(slots=True)
class Workspace:
    """A workspace as its key may use it, and what is kept of its connectors."""

    name: str
    client: SidecarClient
    kept: dict[str, Kept] = field(default_factory=dict)


class Workspaces:
    """Meets the keys of the settings; a bad one is in nobody else's way."""

    def __init__(self, settings: ConnectorsSettings, link: Link) -> None:
        self._settings = settings
        self._link = link
        self._lock = threading.Lock()
        # Replaced and never changed, so that it may be read without the lock.
        self._by_key: dict[str, Workspace] = {}
        self._refused: dict[str, float] = {}
        self._complete = False

    def all(self, deadline: Deadline) -> list[Workspace]:
        """Return the workspaces whose keys are known.

        Asks the sidecar about keys it has not met. Raises ``Unavailable`` when it
        could not be asked and none is known.
        """
        self._meet_keys(deadline)
        found = list(self._by_key.values())
        if not found and not self._complete:
            raise Unavailable
        return found

    def find(self, name: str, deadline: Deadline) -> Workspace:
        """Return a workspace. Raises ``UnknownWorkspace``, ``Unavailable``."""
        found = self._named(name)
        if found is None:
            self._meet_keys(deadline)
            found = self._named(name)
        if found is not None:
            return found
        if self._complete:
            raise UnknownWorkspace(name)
        # A key that is refused now may be its key: what is sent there is not lost.
        raise Unavailable

    def _named(self, name: str) -> Workspace | None:
        return next((w for w in self._by_key.values() if w.name == name), None)

    def _meet_keys(self, deadline: Deadline) -> None:
        keys = self._settings.read_keys()
        try:
            for key in keys:
                if key not in self._by_key and self._is_due(key):
                    self._meet(key, deadline)
        except Unavailable:
            self._complete = False
            return
        with self._lock:
            # A moment without any key is one in which the files are replaced.
            if keys:
                known = self._by_key.items()
                self._by_key = {key: found for key, found in known if key in keys}
            self._complete = bool(keys) and all(key in self._by_key for key in keys)

    def _is_due(self, key: str) -> bool:
        return time.monotonic() >= self._refused.get(key, 0.0)

    def _meet(self, key: str, deadline: Deadline) -> None:
        from sidecar.v1 import session_pb2

        view = self._link.view(key)
        request = session_pb2.GetMeRequest()
        try:
            me = self._link.ask(
                lambda seconds: view.sessions.GetMe(request, timeout=seconds), deadline
            )
        except SidecarError as error:
            if key not in self._refused:
                log.warning("a key is not accepted: %s", error.reason or error.code)
            self._refused[key] = time.monotonic() + _ASK_AGAIN_SECONDS
            return
        with self._lock:
            self._refused.pop(key, None)
            # Several threads may have asked at once; the first answer is kept.
            if key not in self._by_key:
                found = Workspace(me.workspace_name or me.workspace_id, view)
                self._by_key = {**self._by_key, key: found}
