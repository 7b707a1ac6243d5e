"""The panel's one connection to the sidecar."""

from __future__ import annotations

import threading

import grpc
from flask import current_app

from plugin_ui.settings import PanelSettings
from sidecar.client import SidecarClient, SidecarError

# Long enough to see a restart of the sidecar through, short enough for a person.
QUICK_SECONDS = 8.0


class Gateway:
    """Opens the channel at first use and lends views of it, one per caller."""

    def __init__(self, settings: PanelSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: SidecarClient | None = None

    def as_person(self, bearer: str) -> SidecarClient:
        """Return a view that calls with a person's session."""
        return self._open().with_bearer(bearer)

    def as_panel(self) -> SidecarClient:
        """Return a view that calls with the panel's own key: CreateSession only."""
        key = self._settings.read_panel_key()
        if not key:
            raise SidecarError(
                grpc.StatusCode.UNAVAILABLE,
                "PANEL_KEY_MISSING",
                "The panel has no key yet. Start the sidecar: deskside up",
            )
        return self._open().with_bearer(key)

    def is_serving(self) -> bool:
        """Say whether the sidecar answers within a moment."""
        return self._open().wait_until_serving(0.5)

    def close(self) -> None:
        """Close the channel."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _open(self) -> SidecarClient:
        with self._lock:
            if self._client is None:
                settings = self._settings
                # Every call is made through a view with its own bearer; the first
                # client only owns the channel.
                self._client = SidecarClient.from_environment(
                    {
                        **settings.environ,
                        "DESKSIDE_SIDECAR_ADDRESS": settings.sidecar_address,
                        "DESKSIDE_API_KEY": "panel",
                    }
                )
            return self._client


def gateway() -> Gateway:
    """Return the running app's gateway."""
    found = current_app.extensions["deskside-gateway"]
    assert isinstance(found, Gateway)
    return found
