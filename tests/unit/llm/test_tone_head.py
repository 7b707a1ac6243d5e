"""The learned head of the tone: asked where the counted words are silent."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from sidecar.domain.classification import Sentiment
from sidecar.llm.local.tone_head import GROUPS, PATH, tone_odds
from sidecar.llm.port import Signals

Read = Callable[..., Signals]


def test_the_weights_are_small_and_plain() -> None:
    """Under 1 MB, and numbers only: nothing in them can run."""
    assert PATH.stat().st_size < 1_000_000
    with np.load(PATH, allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Aww, you two made my whole week", "positive"),
        ("What a sad, lonely way to go", "negative"),
    ],
)
def test_feeling_without_a_listed_word_is_heard(text: str, group: str) -> None:
    """Odds sum to one and the right group leads."""
    odds = tone_odds(text, np.zeros(0))
    assert abs(odds.sum() - 1) < 1e-9
    assert GROUPS[int(odds.argmax())] == group


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel order 113542617735902.",
        "How do I change the address of my account?",
        "I would like to update my payment card.",
        "Can you tell me when the invoice comes?",
        "i dont know how to report sign-up errors",
        "I need help to change my shipping address",
        "help me cancel purchase 370795561790",
        "I need assistance checking the early termination penalty",
        "I no longer need my second account, help me delete it",
        "How can I cancel a transfer I made yesterday?",
        "support editing my delivery address",
    ],
)
def test_business_stays_matter_of_fact(read: Read, text: str) -> None:
    """The head learned from forum posts; a plain request is no disappointment."""
    assert read(text).sentiment is Sentiment.NEUTRAL


def test_the_head_never_makes_anybody_angry(read: Read) -> None:
    """Anger escalates, so it must have a word to show."""
    assert read("What a sad, lonely way to go").sentiment is not Sentiment.ANGRY


def test_asking_the_head_is_cheap() -> None:
    """Beside an embedding of 2 ms and more it costs well under one."""
    text, vector = "Aww, you two made my whole week " * 6, np.zeros(384)
    tone_odds(text, vector)
    started = time.perf_counter()
    for _ in range(20):
        tone_odds(text, vector)
    assert (time.perf_counter() - started) / 20 < 0.01
