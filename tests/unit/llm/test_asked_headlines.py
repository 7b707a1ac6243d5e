"""Headlines of mails that only ask."""

from __future__ import annotations

from sidecar.domain.summary import SummaryKind
from sidecar.llm.local.engine import LocalEngine
from tests.unit.llm.conftest import ticket


def headline(engine: LocalEngine, body: str, subject: str = "") -> str:
    """Return the headline of a ticket with one message."""
    one = ticket(body, subject=subject)
    return engine.summarize(one, SummaryKind.BRIEF, "").headline


def test_a_mail_without_a_subject_is_called_by_its_question(
    bare_engine: LocalEngine,
) -> None:
    """Lead-ins go, the question stays."""
    body = (
        "We grow quickly. I was wondering which plan includes single sign-on for "
        "contractors?"
    )
    assert headline(bare_engine, body) == (
        "Which plan includes single sign-on for contractors?"
    )


def test_a_telling_subject_stays(bare_engine: LocalEngine) -> None:
    """What somebody wrote above a mail is its best name."""
    found = headline(bare_engine, "Is there any way to get it back?", "Annual refund")
    assert found == "Annual refund"


def test_a_question_that_says_more_than_the_subject_heads_the_mail(
    bare_engine: LocalEngine,
) -> None:
    """All words of the subject and more: nothing is lost."""
    body = "Hello, could you tell me how the annual refund reaches a closed account?"
    assert headline(bare_engine, body, "Annual refund") == (
        "How the annual refund reaches a closed account?"
    )


def test_a_wish_for_information_is_headed_by_its_object(
    bare_engine: LocalEngine,
) -> None:
    """No question is put into the customer's mouth."""
    body = "We are dealers. Please send information about the partner programme."
    assert headline(bare_engine, body) == "Information about partner programme"


def test_no_frame_is_made_of_words_that_the_mail_does_not_say(
    bare_engine: LocalEngine,
) -> None:
    """A mail about an illness is headed as any other is."""
    body = "My mother was diagnosed last week. Please tell me if it can be treated."
    found = headline(bare_engine, body, "Thyroid cancer").lower()
    assert "what are the treatments" not in found
    assert "cancer" in found
