"""What is set aside because it tries to instruct the engine: its repository."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sidecar.domain.quarantine import QuarantinedItem, QuarantineState
from sidecar.store.records import Page


class QuarantineRepository(Protocol):
    """Items set aside; those of a ticket go with it."""

    def add(self, workspace: str, item: QuarantinedItem) -> bool:
        """Store it unless one of its id is there; say whether it is new.

        Raises ``LookElsewhere(TICKET_NOT_FOUND)`` when its ticket is not there.
        """

    def get(self, workspace: str, item_id: str) -> QuarantinedItem | None:
        """Return an item."""

    def states(
        self, workspace: str, item_ids: Sequence[str]
    ) -> dict[str, QuarantineState]:
        """Return where those of these items stand that are there."""

    def documents(self, workspace: str) -> dict[str, bool]:
        """Return documents with something found; True where all of it is released."""

    def page(
        self,
        workspace: str,
        states: Sequence[QuarantineState],
        size: int,
        cursor: str,
    ) -> Page[QuarantinedItem]:
        """Return a stable page, newest first; no ``states`` lets all through."""

    def decide(
        self, workspace: str, item_id: str, state: QuarantineState, by: str
    ) -> QuarantinedItem | None:
        """Release or discard an item and return it."""
