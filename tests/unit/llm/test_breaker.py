"""The circuit breaker against a model of it, and what a person expects of it."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sidecar.llm.remote.breaker import Breaker, State

FAILURES, REST = 3, 30.0


class Machine(RuleBasedStateMachine):
    """Calls that begin, end well or badly, are given up; and time that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(FAILURES, REST, lambda: self.now)
        self.under_way: list[tuple[int, int]] = []
        self.era = 0
        self.row = 0
        self.open_since: float | None = None
        self.probing_since: float | None = None

    def _turn(self) -> None:
        self.era += 1
        self.row = 0

    @rule()
    def begin(self) -> None:
        """A call passes exactly when the model says so."""
        ticket = self.breaker.enter()
        shut = self.open_since if self.open_since is not None else self.probing_since
        if shut is None:
            assert ticket is not None
        elif self.now - shut < REST:
            assert ticket is None
        else:
            assert ticket is not None
            self.open_since, self.probing_since = None, self.now
            self._turn()
        if ticket is not None:
            self.under_way.append((ticket, self.era))

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), how=st.sampled_from(["well", "badly", "given up"]))
    def end(self, data: st.DataObject, how: str) -> None:
        """A call of an earlier time changes nothing; others do what they must."""
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        ticket, era = self.under_way.pop(place)
        probing = self.probing_since is not None
        if how == "well":
            self.breaker.succeeded(ticket)
        elif how == "badly":
            self.breaker.failed(ticket)
        else:
            self.breaker.gave_up(ticket)
        if era != self.era:
            return
        if how == "well":
            self.row = 0
            if probing:
                self.probing_since = None
                self._turn()
        elif how == "badly":
            self.row += 1
            if probing or self.row >= FAILURES:
                self.open_since, self.probing_since = self.now, None
                self._turn()
        elif probing:
            self.open_since, self.probing_since = self.now - REST, None
            self._turn()

    @rule(seconds=st.sampled_from([1.0, 10.0, 29.0, 30.0, 100.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @invariant()
    def states_agree(self) -> None:
        """What the breaker says of itself is what the model says."""
        if self.open_since is not None:
            assert self.breaker.state is State.OPEN
        elif self.probing_since is not None:
            assert self.breaker.state is State.PROBING
        else:
            assert self.breaker.state is State.CLOSED


TestBreaker = Machine.TestCase
TestBreaker.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_it_opens_after_as_many_failures_in_a_row_and_probes_once() -> None:
    """Three failures open it; after the rest exactly one call passes."""
    now = [0.0]
    breaker = Breaker(FAILURES, REST, lambda: now[0])
    for _ in range(FAILURES):
        ticket = breaker.enter()
        assert ticket is not None
        breaker.failed(ticket)
    assert breaker.enter() is None
    now[0] = REST
    probe = breaker.enter()
    assert probe is not None
    assert [breaker.enter() for _ in range(5)] == [None] * 5
    breaker.succeeded(probe)
    assert breaker.enter() is not None


def test_a_success_in_between_begins_the_count_anew() -> None:
    """Failures count only in a row: one in ten is no outage."""
    breaker = Breaker(FAILURES, REST, lambda: 0.0)
    for turn in range(20):
        ticket = breaker.enter()
        assert ticket is not None
        (breaker.succeeded if turn % 3 == 2 else breaker.failed)(ticket)
    assert breaker.state is State.CLOSED
