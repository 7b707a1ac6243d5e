"""The receiver's way to the sidecar, kept in memory: what is stored can be counted.

It deduplicates by source and source event as the sidecar does. Flow tests use the
real one; here a test decides whether it is there, and sees every call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.events import Credentials, Inbound, Mode
from connectors.gateway import Unavailable, UnknownWorkspace
from connectors.link import Deadline


@dataclass(slots=True)
class RecordingGateway:
    """Credentials by (workspace, connector), and the events that were stored.

    While it is ``down`` nothing is answered; while it is ``full`` nothing is stored.
    """

    known: dict[tuple[str, str], Credentials] = field(default_factory=dict)
    stored: dict[tuple[str, str, str], Inbound] = field(default_factory=dict)
    down: bool = False
    full: bool = False
    published: int = 0

    def set_up(
        self,
        connector: str,
        settings: dict[str, str],
        *,
        workspace: str = "default",
        mode: Mode = Mode.SUGGEST,
    ) -> None:
        """Set a connector up in a workspace; each time is a new version."""
        etag = str(len(self.known) + sum(map(len, settings.values())))
        found = Credentials(connector, workspace, mode, settings, etag)
        self.known[workspace, connector] = found

    def credentials(
        self,
        workspace: str,
        connector: str,
        *,
        fresh: bool = False,
        deadline: Deadline | None = None,
    ) -> Credentials:
        """Return how a connector is set up."""
        del fresh, deadline
        if self.down:
            raise Unavailable
        if not any(workspace == name for name, _ in self.known):
            raise UnknownWorkspace(workspace)
        nothing = Credentials(connector, workspace, Mode.OFF, {})
        return self.known.get((workspace, connector), nothing)

    def publish(
        self,
        workspace: str,
        connector: str,
        event: Inbound,
        deadline: Deadline | None = None,
    ) -> bool:
        """Store an event; return whether it was here already."""
        del deadline
        if self.down or self.full:
            raise Unavailable
        self.published += 1
        key = (workspace, connector, event.source_event_id)
        repeated = key in self.stored
        self.stored.setdefault(key, event)
        return repeated

    def is_serving(self) -> bool:
        """Say whether it is there."""
        return not self.down

    @property
    def events(self) -> list[Inbound]:
        """Every stored event, in order."""
        return list(self.stored.values())
