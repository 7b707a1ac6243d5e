"""The repository of connectors: part of the store port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sidecar.domain.connector import (
    ChangeState,
    Connector,
    ConnectorRecord,
    Report,
    VendorChange,
)
from sidecar.store.records import Page


class ConnectorRepository(Protocol):
    """Connectors: how they are set up, what they keep, how they are doing."""

    def active(self, workspace: str) -> Mapping[str, bool]:
        """Return, for each that was ever saved, whether it works."""

    def get(self, workspace: str, name: str) -> Connector | None:
        """Return one."""

    def all(self, workspace: str) -> Sequence[Connector]:
        """Return those that were ever saved, by name."""

    def everywhere(self) -> Sequence[tuple[str, Connector]]:
        """Return (workspace, connector) of all workspaces, for start and watch."""

    def save(self, workspace: str, connector: Connector) -> Connector:
        """Compare and set by its etag ('' only creates); return it as stored.

        Raises ``ReadAgain(ETAG_MISMATCH)`` for the loser.
        """

    def reseal(self, workspace: str, connector: Connector, sealed: str) -> bool:
        """Replace the encrypted text alone; False when it was changed meanwhile."""

    def record(
        self, workspace: str, connector: str, name: str
    ) -> ConnectorRecord | None:
        """Return a small fact."""

    def put_record(self, workspace: str, record: ConnectorRecord) -> ConnectorRecord:
        """Compare and set by its etag ('' only creates).

        Raises ``ReadAgain(ETAG_MISMATCH)`` for the loser.
        """

    def report(self, workspace: str, connector: str) -> Report | None:
        """Return what its process last said."""

    def put_report(self, workspace: str, report: Report) -> None:
        """Keep what its process says."""


class ChangeRepository(Protocol):
    """What connectors changed at their vendors."""

    def add(self, workspace: str, change: VendorChange) -> VendorChange:
        """Write it down and return it; of a known mark and field, the first."""

    def get(self, workspace: str, change_id: str) -> VendorChange | None:
        """Return one."""

    def page(
        self, workspace: str, connector: str, ticket_id: str, size: int, cursor: str
    ) -> Page[VendorChange]:
        """Return a stable page, newest first; '' lets all through."""

    def move(
        self,
        workspace: str,
        change_id: str,
        was: tuple[ChangeState, ...],
        now: ChangeState,
        message: str,
        by: str,
    ) -> bool:
        """Change its state if it is one of ``was``; ``by`` '' keeps who asked."""
