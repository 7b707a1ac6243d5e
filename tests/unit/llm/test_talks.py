"""Talks: interviews, chats and meetings told as notes."""

from __future__ import annotations

import pytest

from sidecar.domain.summary import SummaryKind
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.local.note_numbers import in_digits
from sidecar.llm.local.note_style import as_note, as_topic
from tests.unit.llm.conftest import ticket

INTERVIEW = ticket(
    "A: Hello, which device is it?",
    "Um, it's the label printer in hall two.",
    "A: Do you have any error code?",
    "No.",
    "A: Has it been moved recently?",
    "Yes.",
    "A: What have you tried so far?",
    "I've, you know, restarted it twice and I changed my roll.",
)


def test_an_interview_is_told_as_what_was_answered(bare_engine: LocalEngine) -> None:
    """A bare yes or no is told with what was asked; fillers and "I" are gone."""
    found = bare_engine.summarize(INTERVIEW, SummaryKind.HANDOVER, "")
    assert "label printer in hall 2." in found.problem
    assert "No error code." in found.problem
    assert "Moved recently." in found.problem
    assert "Has restarted it twice and changed the roll." in found.problem
    assert "Um" not in found.problem


def test_of_many_speakers_each_is_named() -> None:
    """Who said it is half of what a meeting's record is for."""
    turns = [
        ("Design", "I want a wooden case for the remote control."),
        ("Marketing", "Nobody buys a wooden remote control, wood cannot be cleaned."),
        ("Sales", "We sold rubber cases best last year."),
    ]
    messages = tuple(
        Message(f"m{n}", Author(AuthorRole.CUSTOMER, name=who), text)
        for n, (who, text) in enumerate(turns)
    )
    one = Ticket("T-1", "demo", "", messages)
    found = LocalEngine(NoEmbedder()).summarize(one, SummaryKind.BRIEF, "")
    assert "Marketing: Nobody buys" in found.problem
    assert "Sales: Sold rubber cases" in found.problem


def test_a_complaint_by_mail_is_no_talk(bare_engine: LocalEngine) -> None:
    """Its own sentences are shown as they were written."""
    one = ticket(
        "My badge reader has been offline since Monday.", "A: Which door is it?"
    )
    found = bare_engine.summarize(one, SummaryKind.HANDOVER, "")
    assert found.problem == "My badge reader has been offline since Monday."


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("twenty six", "26"),
        ("two thousand nine", "2009"),
        ("one hundred twenty-five mails", "125 mails"),
        ("no one", "no one"),
        ("five or six days", "5 or 6 days"),
        ("two two", "2 2"),
    ],
)
def test_spoken_numbers_become_digits(said: str, digits: str) -> None:
    """Numbers keep their value."""
    assert in_digits(said) == digits


def test_notes_keep_every_word_that_carries_something() -> None:
    """Negation, names and numbers stay; only fillers and persons go."""
    assert as_note("Well, I don't use the App on 12 May.") == (
        "Does not use the App on 12 May"
    )
    assert as_topic("Have you had any crashes today?") == "Crashes"
    assert as_note("The E K G fails, the the second time.") == (
        "The EKG fails, the second time"
    )
