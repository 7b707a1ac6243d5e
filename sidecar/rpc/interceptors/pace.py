"""How fast one caller may call: limits per key or person, by kind of caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.domain.access import Principal, Role
from sidecar.errors import Reason, TryAgain

if TYPE_CHECKING:
    from sidecar.cache.port import RateLimiter


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a minute of one key (programs), of one person, and of a panel's own key."""

    program: int = 6000
    person: int = 300
    panel: int = 600

    def of(self, caller: Principal) -> int:
        """Return the limit that holds for this caller."""
        if caller.role is Role.PANEL:
            return self.panel
        return self.person if caller.member_id else self.program


class Pace:
    """Counts calls and refuses those above the limit with the time to wait."""

    def __init__(self, limiter: RateLimiter, limits: Limits) -> None:
        self._limiter = limiter
        self._limits = limits

    def check(self, caller: Principal) -> None:
        """Count one call; raises ``TryAgain(RATE_LIMITED)`` when it is one too many."""
        bucket = f"{caller.workspace}:{caller.member_id or caller.key_id}"
        wait = self._limiter.hit(bucket, self._limits.of(caller))
        if wait is not None:
            raise TryAgain(Reason.RATE_LIMITED, wait)
