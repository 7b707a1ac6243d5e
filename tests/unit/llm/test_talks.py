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


def test_a_talk_s_small_words_are_no_notes(bare_engine: LocalEngine) -> None:
    """To say "Great." or "Why?" tells nothing; what was answered stays."""
    one = ticket(
        "A: Hello, which device is it?",
        "It's the label printer in hall two.",
        "A: Wow. Awesome printer. When did it stop?",
        "On Friday after the update. Why?",
    )
    found = bare_engine.summarize(one, SummaryKind.HANDOVER, "")
    assert "On Friday after the update." in found.problem
    assert "Wow" not in found.problem
    assert "Why" not in found.problem


def test_a_step_that_a_note_tells_is_not_told_twice(bare_engine: LocalEngine) -> None:
    """A note leaves out fillers of the sentence; the step would repeat it."""
    one = ticket(
        "A: What have you tried so far?",
        "I tried another cable and restarted the label printer twice then.",
        "A: Which printer is it?",
        "The label printer in hall two.",
    )
    found = bare_engine.summarize(one, SummaryKind.HANDOVER, "")
    assert "ried another cable" in found.problem
    assert found.steps_taken == ()


def test_words_of_talking_do_not_choose_the_notes() -> None:
    """Asked what the group discussed about a thing, notes of the thing are told."""
    about = "The casing should be rubber because rubber survives every drop test."
    filler = "The group will discuss in the group meeting what the group thinks then."
    turns = [("Anna", filler), ("Ben", about), ("Cleo", filler.replace("then", "now"))]
    turns += [(f"Person {n}", f"{filler[:-1]} of item {n}.") for n in range(8)]
    messages = tuple(
        Message(f"m{n}", Author(AuthorRole.CUSTOMER, name=who), text)
        for n, (who, text) in enumerate(turns)
    )
    subject = "What did the group discuss about the rubber casing?"
    found = LocalEngine(NoEmbedder()).summarize(
        Ticket("T-1", "demo", subject, messages), SummaryKind.HANDOVER, ""
    )
    assert "Ben: The casing should be rubber" in found.problem


def test_letters_that_a_transcript_spells_are_one_word() -> None:
    """An "L_C_D_ screen" is an LCD screen; an identifier keeps its underscores."""
    assert as_note("We keep the L_C_D_ screen and the T_V_.") == (
        "Keep the LCD screen and the TV"
    )
    assert as_note("Set the MAX_SIZE_A value.") == "Set the MAX_SIZE_A value"
