"""Which calls reach a provider: the breaker, and another for calls in a hurry.

A call with less than a second that hears nothing does not prove that the provider is
in trouble. Fifteen of them in a row prove that asking in such a hurry is in vain: then
only calls with more time pass, until after the breaker's rest one is tried again. So a
provider that hangs costs hurried callers nothing for long, and one that is only slow is
never taken from those who can wait.
"""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.llm.remote.breaker import Breaker, State
from sidecar.llm.remote.failure import COUNTS_AGAINST, Failure

FAIR_SECONDS = 1.0
"""A provider that does not answer in less than this is not in trouble yet."""
HURRIED_FAILURES = 15
"""Three times a breaker's five: each is worth a third of a failure."""


class Gate:
    """One provider's two breakers; safe for threads."""

    def __init__(
        self, breaker: Breaker | None = None, hurried: Breaker | None = None
    ) -> None:
        self.breaker = breaker or Breaker()
        self.hurried = hurried or Breaker(HURRIED_FAILURES)

    @property
    def is_open(self) -> bool:
        """Say whether calls, or those in a hurry, are kept away."""
        return State.OPEN in (self.breaker.state, self.hurried.state)

    def enter(self, seconds: float) -> Entry | None:
        """Return what to report with, or None when no call of ``seconds`` may pass."""
        if seconds >= FAIR_SECONDS:
            ticket = self.breaker.enter()
            return None if ticket is None else Entry(self, ticket)
        hurried = self.hurried.enter()
        if hurried is None:
            return None
        ticket = self.breaker.enter()
        if ticket is None:
            self.hurried.gave_up(hurried)
            return None
        return Entry(self, ticket, hurried)


@dataclass(frozen=True, slots=True)
class Entry:
    """A call that was let pass, to be reported once; ``hurried`` is its second ticket.

    What a hurried call learns otherwise than by waiting in vain is as good as any.
    """

    gate: Gate
    ticket: int
    hurried: int | None = None

    def gave_up(self) -> None:
        """Report a call that says nothing about the provider."""
        self.gate.breaker.gave_up(self.ticket)
        if self.hurried is not None:
            self.gate.hurried.gave_up(self.hurried)

    def ended(self, why: Failure | None, *, silent: bool) -> None:
        """Report how it ended, None for well; ``silent``: not one byte came."""
        breaker, hurried = self.gate.breaker, self.gate.hurried
        if why is Failure.TIMEOUT and self.hurried is not None:
            breaker.gave_up(self.ticket)
            (hurried.failed if silent else hurried.gave_up)(self.hurried)
        elif why is Failure.CANCELLED:
            self.gave_up()
        elif why in COUNTS_AGAINST:
            breaker.failed(self.ticket)
            if self.hurried is not None:
                hurried.gave_up(self.hurried)
        else:
            breaker.succeeded(self.ticket)
            if self.hurried is not None:
                hurried.succeeded(self.hurried)
