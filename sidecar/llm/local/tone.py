"""The tone of a ticket: counted words first, the learned head where they are silent.

Anger is only ever counted (``sentiment.py``): it escalates, so it must have a word to
show. Otherwise a short English text gets the likeliest of the head's groups; surprise
and questions are neutral. What words counted found is made ``exp(0.6)`` times likelier.
A group other than neutral needs a probability of 0.36, in texts of business (those that
name an order, an account, a device) negative 0.65 and positive 0.45: the head learned
from forum posts and hears disappointment in "cancel my order". So 2.9 % of ordinary
requests are called negative.
"""

from __future__ import annotations

import re
from math import exp

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.classification import Reason, ReasonCode, Sentiment
from sidecar.llm.local.sentiment import Scanned, sentiment_of
from sidecar.llm.local.tone_head import GROUPS, tone_odds

LONGEST = 60
"""Words up to which the head is asked; it knows posts of at most 30."""

_LEAST = 0.36
_LEAST_IN_BUSINESS = {Sentiment.NEGATIVE: 0.65, Sentiment.POSITIVE: 0.45}
_COUNTED = exp(0.6)
_TONES = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
_FELT = frozenset({"positive", "negative", "mild_negative", "angry"})
_REACH = 3
_BUSINESS = re.compile(
    r"\d{5}|\b(?:orders?|purchas\w+|invoices?|refunds?|accounts?|passwords?|payments?"
    r"|subscriptions?|deliver\w+|shipp\w+|address\w*|log ?in|sign ?up|cards?|charg\w+"
    r"|cancel\w*|balance|transfers?|contract|licen[cs]es?|install\w*|updat\w+|help|bill"
    r"|error|server|printer|device|software|newsletter|customer|support|agent)\b",
    re.IGNORECASE,
)
_REASONS = {
    Sentiment.POSITIVE: (ReasonCode.POSITIVE_TONE, "The wording sounds pleased."),
    Sentiment.NEGATIVE: (ReasonCode.NEGATIVE_TONE, "The wording sounds unhappy."),
}


def tone_of(
    scanned: tuple[Scanned, ...], text: str, vector: NDArray[np.float64], *, short: bool
) -> tuple[Sentiment, tuple[Reason, ...]]:
    """Return the tone and what shows it; ``short`` allows the head to be asked.

    ``vector`` is the text's embedding, or empty when it was not embedded by itself.
    """
    counted, reasons = sentiment_of(scanned)
    if not short or counted is Sentiment.ANGRY or not text.strip():
        return counted, reasons
    tone = _learned(counted, scanned, text, vector)
    if tone is counted:
        return counted, reasons
    if tone is Sentiment.NEUTRAL:
        return tone, ()
    code, said = _REASONS[tone]
    return tone, (Reason(code, said),)


def _learned(
    counted: Sentiment,
    scanned: tuple[Scanned, ...],
    text: str,
    vector: NDArray[np.float64],
) -> Sentiment:
    odds = tone_odds(text, vector)[: len(GROUPS) - 1]
    if counted is not Sentiment.NEUTRAL:
        odds[_TONES.index(counted)] *= _COUNTED
    best = int(odds.argmax())
    if counted is not Sentiment.POSITIVE and any(map(_turned_off, scanned)):
        return counted  # "Not bad": the head overlooks what a negation turns off.
    business = bool(_BUSINESS.search(text))
    tone = _TONES[best]
    if tone is Sentiment.NEUTRAL:
        # A complaint has its words to show; only thanks may be mere manners.
        kept = business or counted is Sentiment.NEGATIVE
        return counted if kept else tone
    least = _LEAST_IN_BUSINESS[tone] if business else _LEAST
    return tone if odds[best] >= least else counted


def _turned_off(one: Scanned) -> bool:
    """Say whether a negation stands right before a word of feeling."""
    negated = {h.last for h in one.hits if h.kind == "negators"}
    return any(
        negated.intersection(range(h.first - _REACH, h.first))
        for h in one.hits
        if h.kind in _FELT
    )
