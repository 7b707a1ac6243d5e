"""The language of a few words."""

from __future__ import annotations

import numpy as np
import pytest

from sidecar.llm.local.language import LanguageDetector
from sidecar.llm.local.short_words import PATH, evidence


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kundens forbindelse", "da"),
        ("brukerens tilkobling", "nb"),
        ("configurações salvas", "pt"),
        ("configuración guardada", "es"),
        ("impostazioni salvate", "it"),
    ],
)
def test_neighbours_are_told_apart(text: str, language: str) -> None:
    """Two words are enough where their spelling differs."""
    assert LanguageDetector().best(text) == language


def test_long_texts_are_left_to_the_model() -> None:
    """Letters speak up only where the model hears too little."""
    assert evidence("these are more than four words") == {}
    assert evidence("12345") == {}


def test_the_table_is_small_and_plain() -> None:
    """Under 1 MB in the package and a little over 1 MB in memory."""
    assert PATH.stat().st_size < 1_000_000
    with np.load(PATH, allow_pickle=False) as stored:
        assert stored["table"].nbytes < 1_100_000
