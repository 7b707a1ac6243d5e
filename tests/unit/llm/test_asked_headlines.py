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


def test_a_treatment_is_asked_for_only_where_the_mail_speaks_of_one(
    bare_engine: LocalEngine,
) -> None:
    """The frame's words come from the text."""
    body = "My mother was diagnosed last week. Please tell me if it can be treated."
    assert "treat" in headline(bare_engine, body, "Thyroid cancer").lower()
    body = "Please send all information for my mother, newly diagnosed."
    assert "treatment" not in headline(bare_engine, body, "Thyroid cancer")
