"""What language models cost, as the store port has it."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sidecar.domain.budget import ModelCall, Spent


class SpendingRepository(Protocol):
    """What language models cost: reserved before a call, settled after it."""

    def reserve(self, workspace: str, call: ModelCall) -> Spent:
        """Write down a call that begins; return what is spent with it."""

    def settle(self, workspace: str, call: ModelCall) -> bool:
        """Replace a running call's estimate by what it was; False when it was not."""

    def spent(self, workspace: str, day: date) -> Spent:
        """Return the cost of the day and of its calendar month."""

    def of_ticket(self, workspace: str, ticket_id: str) -> int:
        """Return what the calls about a ticket cost, in millionths of a dollar."""

    def purge(self, before: date, limit: int) -> int:
        """Delete up to ``limit`` calls of days before ``before``; return how many.

        What a day cost stays.
        """
