"""One call on its way through the service, as servicers see it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.errors import Reason, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.domain.access import Principal
    from sidecar.rpc.contract import Rpc


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls what, until when (``deadline`` on the monotonic clock, in seconds).

    ``bearer`` is kept for the calls that renew or end the session they come with.
    """

    rpc: Rpc
    request_id: str
    caller: Principal
    deadline: float
    is_active: Callable[[], bool]
    bearer: str = ""

    @property
    def remaining(self) -> float:
        """Return the seconds left, never negative."""
        return max(self.deadline - time.monotonic(), 0.0)

    def wanted(self) -> None:
        """Raise ``TryAgain`` when the caller has gone or its time is over."""
        if not self.is_active():
            raise TryAgain(Reason.CANCELLED_BY_CALLER)
        if time.monotonic() >= self.deadline:
            raise TryAgain(Reason.DEADLINE_TOO_SHORT)
