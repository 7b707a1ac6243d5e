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


def test_a_wish_for_information_is_put_as_a_question(
    bare_engine: LocalEngine,
) -> None:
    """What is wanted is the object of the wish, or what stands above the mail."""
    body = "We are dealers. Please send information about the partner programme."
    assert headline(bare_engine, body) == (
        "Where can I find information on the partner programme?"
    )
    body = "We are dealers and would like to learn more, please."
    assert headline(bare_engine, body, "Partner programme") == (
        "Where can I find information on Partner programme?"
    )


def test_a_wish_for_advice_asks_for_the_options(bare_engine: LocalEngine) -> None:
    """The subject says of what; a mail that reports something is headed by that."""
    body = "We are five people from next week. Please advise us."
    assert headline(bare_engine, body, "Shared mailbox") == (
        "What are the options for Shared mailbox?"
    )
    body = "It crashes with an error since the update. Please advise us."
    assert headline(bare_engine, body, "Shared mailbox").startswith("Shared mailbox")


def test_a_form_s_own_words_are_no_headline(bare_engine: LocalEngine) -> None:
    """The name of a site and "General question" say nothing of the matter."""
    body = "Our invoices of May went to the old address."
    subject = "example.com - Question - general information"
    assert headline(bare_engine, body, subject) == (
        "Our invoices of May went to the old address"
    )


def test_who_writes_is_not_the_matter(bare_engine: LocalEngine) -> None:
    """A writer who introduces himself has not begun yet."""
    body = (
        "My name is Jane Doe and I keep the books of a small bakery. "
        "The May invoice went to the wrong address."
    )
    assert headline(bare_engine, body) == "The May invoice went to the wrong address"


def test_no_frame_is_made_of_words_that_the_mail_does_not_say(
    bare_engine: LocalEngine,
) -> None:
    """A mail about an illness is headed as any other is."""
    body = "My mother was diagnosed last week. Please tell me if it can be treated."
    found = headline(bare_engine, body, "Thyroid cancer").lower()
    assert "what are the treatments" not in found
    assert "cancer" in found
