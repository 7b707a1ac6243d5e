"""What a vendor asked to wait for is remembered until then, and no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.limits import Limits


class MovedClock:
    """Stands still until it is moved."""

    at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return where it was moved to."""
        return self.at

    def move(self, seconds: float) -> None:
        """Move it."""
        self.at += timedelta(seconds=seconds)


def test_each_limit_is_waited_for_by_itself() -> None:
    """Of all that a call is about the longest wait counts; each ends in its time."""
    clock = MovedClock()
    limits = Limits(clock)
    limits.reached("a", 30)
    limits.reached("b", 50)
    assert limits.left("a", "b") == 50
    assert limits.left("c") == 0
    clock.move(30)
    assert (limits.left("a"), limits.left("b")) == (0, 20)


def test_a_later_answer_does_not_shorten_the_wait() -> None:
    """Of several calls under way at once each is told; the longest wait is kept."""
    clock = MovedClock()
    limits = Limits(clock)
    limits.reached("a", 30)
    clock.move(10)
    limits.reached("a", 1)
    assert limits.left("a") == 20


@pytest.mark.parametrize("seconds", [1.0000004, 1.0000006, 60.0, 3600.0])
def test_a_clock_put_back_ends_the_wait(seconds: float) -> None:
    """More than was asked for is never waited for."""
    clock = MovedClock()
    limits = Limits(clock)
    limits.reached("a", seconds)
    assert limits.left("a") == pytest.approx(seconds, abs=1e-5)
    clock.move(-5)
    assert limits.left("a") == 0
