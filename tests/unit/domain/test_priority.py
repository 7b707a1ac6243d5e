"""Priority and risk: monotone in every input, bounded, every value reached."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.classification import ReasonCode, Sentiment, Severity
from sidecar.domain.priority import LOOK_NOW, Weights, priority, risk
from sidecar.domain.ticket import CustomerTier

SEVERITIES, SENTIMENTS = list(Severity), list(Sentiment)

any_weights = st.builds(
    Weights,
    severity=st.sampled_from(Severity),
    sentiment=st.sampled_from(Sentiment),
    tier=st.sampled_from(CustomerTier),
    attempts=st.integers(0, 12),
    other_open=st.integers(0, 12),
    other_angry=st.integers(0, 12),
    reasons=st.frozensets(st.sampled_from(ReasonCode)),
)


@given(any_weights)
def test_priority_is_1_to_10_and_risk_0_to_1(weights: Weights) -> None:
    """No input leaves the scales."""
    assert 1 <= priority(weights) <= 10
    assert 0.0 <= risk(weights) <= 1.0


@given(any_weights, any_weights)
def test_priority_and_risk_are_monotone(one: Weights, other: Weights) -> None:
    """Whatever is worse in every respect never ranks lower."""
    worse = Weights(
        severity=max(one.severity, other.severity, key=SEVERITIES.index),
        sentiment=max(one.sentiment, other.sentiment, key=SENTIMENTS.index),
        tier=CustomerTier.VIP
        if CustomerTier.VIP in (one.tier, other.tier)
        else CustomerTier.STANDARD,
        attempts=max(one.attempts, other.attempts),
        other_open=max(one.other_open, other.other_open),
        other_angry=max(one.other_angry, other.other_angry),
        reasons=one.reasons | other.reasons,
    )
    assert priority(worse) >= priority(one)
    assert risk(worse) >= risk(one)


def test_every_priority_is_reached_by_severity_and_tone_alone() -> None:
    """No value needs a VIP or a history to occur."""
    reached = {
        priority(Weights(severity, sentiment))
        for severity in Severity
        for sentiment in Sentiment
    }
    assert reached == set(range(1, 11))


def test_being_polite_costs_nothing() -> None:
    """A positive tone weighs exactly as a neutral one."""
    for severity in Severity:
        neutral = Weights(severity, Sentiment.NEUTRAL)
        glad = replace(neutral, sentiment=Sentiment.POSITIVE)
        assert priority(glad) == priority(neutral)


def test_risk_above_look_now_needs_more_than_a_tone() -> None:
    """Anger about a small matter is not yet a matter for everybody."""
    assert risk(Weights(Severity.LOW, Sentiment.ANGRY)) < LOOK_NOW
    assert risk(Weights(Severity.CRITICAL, Sentiment.ANGRY)) > LOOK_NOW
