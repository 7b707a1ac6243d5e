"""Whether a source carries a text: numbers, names and "not" told apart from wording."""

from __future__ import annotations

import time

import pytest

from sidecar.safety.support import (
    faithful,
    support,
    unknown_counts,
    unknown_names,
)

SOURCE = (
    "The agent from Tidewater offered the Standard plan at 30 euros a month. "
    "The customer asked about deductibles. The call was long. All were calm. "
    "Everybody was kind. The line was good. It rained all day. "
    "Two readers are included, and the warranty lasts three years."
)


@pytest.mark.parametrize(
    "text",
    [
        "Tidewater's agent offered the Standard plan for 30 euros a month.",
        "The customer asked what deductibles are.",
        "The warranty lasts 3 years.",
    ],
)
def test_what_the_source_says_is_faithful(text: str) -> None:
    """Other words, the same facts."""
    assert faithful(text, SOURCE)


@pytest.mark.parametrize(
    "text",
    [
        "The agent offered the Standard plan at 35 euros a month.",
        "The agent offered the Deluxe plan at 30 euros a month.",
        "Five readers are included.",
        "The warranty does not last three years.",
        "The readers are excluded.",
    ],
)
def test_one_changed_fact_is_seen(text: str) -> None:
    """A number, a name, a spelled count, a denial, an opposite."""
    place = (
        SOURCE if "never" not in text else SOURCE.split(" The customer", maxsplit=1)[0]
    )
    assert not faithful(text, place)


def test_a_number_in_words_is_the_number_in_digits() -> None:
    """The same count in either way of writing."""
    assert unknown_counts("three readers", "3 readers") == set()
    assert unknown_counts("four readers", "3 readers") == {"4"}


def test_nouns_of_german_are_no_sure_names() -> None:
    """Only a capital inside a word is sure to be a name."""
    text, source = "Das Gerät mit PayFlow geht.", "the device"
    assert unknown_names(text, source, sure_only=True) == {"PayFlow"}


def test_what_is_said_in_the_source_s_words_is_supported_most() -> None:
    """Literal above paraphrase above another subject."""
    literal = support("The customer asked about deductibles.", SOURCE)
    loose = support("Deductibles were a question the customer asked.", SOURCE)
    other = support("Bananas grow in warm countries.", SOURCE)
    assert literal > loose > other


def test_to_admit_to_know_nothing_claims_nothing() -> None:
    """A refusal needs no source."""
    assert support("I do not have that information.", "") == 1.0


@pytest.mark.parametrize("text", ["[" * 60_000, "[](" * 20_000, "a" * 60_000])
def test_time_grows_with_the_text_and_no_faster(text: str) -> None:
    """Brackets that close nowhere and words without end take no minutes."""
    started = time.process_time()
    support(text, SOURCE)
    unknown_names(text, SOURCE, sure_only=True)
    assert time.process_time() - started < 5.0
