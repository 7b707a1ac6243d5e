"""Calls in a hurry and calls with time before the two breakers of a provider."""

from __future__ import annotations

import pytest

from sidecar.llm.remote.breaker import Breaker
from sidecar.llm.remote.failure import Failure
from sidecar.llm.remote.gate import FAIR_SECONDS, HURRIED_FAILURES, Gate

HURRIED, PATIENT = FAIR_SECONDS / 2, 10.0
REST = 30.0


def _call(
    gate: Gate, seconds: float, why: Failure | None, *, silent: bool = True
) -> None:
    entry = gate.enter(seconds)
    assert entry is not None
    entry.ended(why, silent=silent)


def _at(now: list[float]) -> Gate:
    def clock() -> float:
        return now[0]

    hurried = Breaker(HURRIED_FAILURES, REST, clock)
    return Gate(Breaker(rest=REST, monotonic=clock), hurried)


def test_hurried_calls_that_hear_nothing_stop_asking() -> None:
    """After fifteen in a row no hurried call passes, and every patient one does."""
    gate = Gate()
    for _ in range(HURRIED_FAILURES):
        _call(gate, HURRIED, Failure.TIMEOUT)
    assert gate.is_open
    assert gate.enter(HURRIED) is None
    _call(gate, PATIENT, None, silent=False)


def test_a_hurried_success_begins_the_count_anew() -> None:
    """One answer in fifteen is enough to be asked again."""
    gate = Gate()
    for turn in range(10 * HURRIED_FAILURES):
        answered = turn % HURRIED_FAILURES == 0
        why = None if answered else Failure.TIMEOUT
        _call(gate, HURRIED, why, silent=not answered)
    assert not gate.is_open


@pytest.mark.parametrize("seconds", [HURRIED, PATIENT])
def test_callers_who_go_away_close_nothing(seconds: float) -> None:
    """A cancelled call says nothing about the provider, however often."""
    gate = Gate()
    for _ in range(100):
        _call(gate, seconds, Failure.CANCELLED)
    assert not gate.is_open


def test_an_answer_that_only_came_too_late_counts_for_nothing() -> None:
    """A provider of which a hurried call heard something does not hang."""
    gate = Gate()
    for _ in range(100):
        _call(gate, HURRIED, Failure.TIMEOUT, silent=False)
    assert not gate.is_open


def test_after_the_rest_one_hurried_call_tries() -> None:
    """It waits in vain and another rest begins; it is answered and all may pass."""
    now = [0.0]
    gate = _at(now)
    for _ in range(HURRIED_FAILURES):
        _call(gate, HURRIED, Failure.TIMEOUT)
    now[0] = REST
    _call(gate, HURRIED, Failure.TIMEOUT)
    assert gate.enter(HURRIED) is None
    now[0] = 2 * REST
    probe = gate.enter(HURRIED)
    assert probe is not None
    assert gate.enter(HURRIED) is None
    probe.ended(None, silent=False)
    assert gate.enter(HURRIED) is not None


def test_an_error_counts_in_full_however_short_the_time() -> None:
    """Five refusals close the provider to everybody, hurried or not."""
    gate = Gate()
    for turn in range(5):
        _call(gate, HURRIED if turn % 2 else PATIENT, Failure.SERVER)
    assert gate.enter(HURRIED) is None
    assert gate.enter(PATIENT) is None


def test_a_hurried_call_kept_away_by_an_error_was_no_try() -> None:
    """Where the provider rests for its errors, the hurried breaker's probe is kept."""
    now = [0.0]
    gate = _at(now)
    for _ in range(HURRIED_FAILURES):
        _call(gate, HURRIED, Failure.TIMEOUT)
    now[0] = REST / 2
    for _ in range(5):
        _call(gate, PATIENT, Failure.SERVER)
    now[0] = REST
    assert gate.enter(HURRIED) is None
    now[0] = REST * 1.5
    assert gate.enter(HURRIED) is not None
