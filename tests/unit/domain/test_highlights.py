"""Where the words of a question stand in a passage."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.ranking import highlights, words

_ALPHABET = "abAB_1éÉßİıΣσς'´.- \n日"


def _marked(query: str, text: str, most: int = 40) -> list[str]:
    spans = highlights(words(query), text, most)
    return [text[span.start : span.end] for span in spans]


def test_only_whole_words_of_three_letters_or_more() -> None:
    """Case does not matter; parts of words and short words are left alone."""
    text = "Reset the password. Passwords expire; re-set it. PASSWORD_2 or password"
    assert _marked("how to reset a password", text) == ["Reset", "password", "password"]


def test_no_more_than_asked_for() -> None:
    """The first ones stay."""
    assert _marked("one two", "two one " * 30, most=3) == ["two", "one", "two"]


@given(
    st.lists(st.text(_ALPHABET, min_size=1, max_size=4), max_size=5),
    st.text(_ALPHABET, max_size=40),
)
@pytest.mark.parametrize("most", [2, 40])
def test_the_quick_way_finds_what_the_plain_way_finds(
    most: int, query: list[str], text: str
) -> None:
    """Word by word with a regular expression, in any script."""
    asked = words(" ".join(query))
    wanted = {word for word in asked if len(word) > 2}
    plain = [m.span() for m in re.finditer(r"\w+", text) if m[0].lower() in wanted]
    found = [(span.start, span.end) for span in highlights(asked, text, most)]
    assert found == plain[:most]
