"""Drafts answer what the newest turn asks, and nothing when it asks for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.knowledge import Passage
from sidecar.domain.ranking import error_codes
from sidecar.domain.reply import Blocker, Purpose, SentenceRole
from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.asked import Wants, asked_now
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.local.lexicon import LANGUAGES
from sidecar.llm.local.passage_units import units
from sidecar.llm.local.phrases import phrases
from sidecar.llm.local.question import Question, condensed
from sidecar.llm.local.score import score_units
from tests.unit.llm.conftest import ticket
from tests.unit.llm.test_composing import RESET, compose, passage, task

CODES = """The code stands in the grey box under the message.

Code | Meaning | What helps
TW-4010 | session ended | sign in again
TW-4093 | timesheet already approved | a manager has to reopen the week, see roles
TW-5030 | maintenance or outage | look at the status page
"""
PLANS = """Plan | Monthly | Annual | People
Skiff | free | free | up to 3
Cutter | €8 / $9 | €80 / $90 | 1–50
"""


def found(text: str, asked: str) -> list[str]:
    """Return the texts of the units that may answer."""
    one: Passage = passage(text)
    question = Question(asked, "en", "")
    scored = score_units(question, units(one, 0, frozenset()), [one], NoEmbedder())
    return [s.unit.text for s in scored]


def test_a_table_is_read_by_the_rows_the_customer_names() -> None:
    """Only the row of the code is a sentence; its quote is the literal line."""
    texts = found(CODES, "The button says TW-4093, now what?")
    told = "TW-4093: timesheet already approved – a manager has to reopen the week."
    assert texts == ["The code stands in the grey box under the message.", told]
    row = next(u for u in units(passage(CODES), 0, frozenset()) if u.text == told)
    assert row.quote in CODES.splitlines()


def test_a_table_without_a_matching_row_stays_out() -> None:
    """Neither other rows nor the header are answers."""
    assert found(CODES, "Where can I change my address?") == [
        "The code stands in the grey box under the message."
    ]


def test_a_wide_row_is_told_with_the_headers_words() -> None:
    """A plan's prices say which is which."""
    assert found(PLANS, "What does Cutter cost?") == [
        "Cutter: Monthly €8 / $9; Annual €80 / $90; People 1–50."
    ]


def test_a_bar_in_a_command_makes_no_table() -> None:
    """Tables are several lines of as many cells."""
    text = "Run sort names | uniq on the server to list them all."
    assert found(text, "How do I list names?") == [text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_answer_in_every_template_language(
    engine: LocalEngine, language: str
) -> None:
    """The code decides, whatever language the question is in."""
    about = ticket("TW-4093?", subject="TW-4093")
    one = task(passage(CODES, title="Error codes"), about=about, language=language)
    text, _, _ = compose(engine, one)
    assert "TW-4093: timesheet already approved" in text
    assert "TW-5030" not in text
    assert "|" not in text


def test_codes_are_known_in_small_letters_and_orders_are_none() -> None:
    """E-57 is a code, NH-104233 an order."""
    assert error_codes("e-57 and SYNC-507 for NH-104233") == {"E-57", "SYNC-507"}


@pytest.mark.parametrize(
    ("turns", "wants"),
    [
        (("It is broken.", "A: Try this.", "That did it, thanks!"), Wants.NOTHING),
        (("Kaputt.", "A: Bitte neu starten.", "erledigt, danke"), Wants.NOTHING),
        (("Too late?", "A: No.", "L80 ordered, NH-104233."), Wants.NOTHING),
        (("L80 arrived, L40 money arrived. Tell Tomasz.",), Wants.NOTHING),
        (
            ("Fehler", "A: So.", "Alle drei grün, aber das ist mein Problem."),
            Wants.NOTHING,
        ),
        (("Parcel arrived but without the cable.",), Wants.ANSWER),
        (("How long?", "A: Weeks.", "Where are we?"), Wants.NEWS),
        (("Sync falla.", "A: Miramos.", "aquí no ha escrito nadie"), Wants.NEWS),
        (("Twice.", "A: Update.", "Done. TW-4093 now. What next?"), Wants.ANSWER),
        (("I need to change our address",), Wants.ANSWER),
        (("[attachment: IMG_4471.jpg]",), Wants.UNCLEAR),
    ],
)
def test_the_newest_turn_decides_what_is_wanted(
    turns: tuple[str, ...], wants: Wants
) -> None:
    """An answer, news, or nothing at all."""
    asked = asked_now(ticket(*turns), LANGUAGES, Sentiment.NEUTRAL)
    assert asked.wants is wants


@pytest.mark.parametrize("language", LANGUAGES)
def test_thanks_get_a_short_closing_without_facts(
    engine: LocalEngine, language: str
) -> None:
    """Nobody is answered who asks for nothing."""
    about = ticket("Reset?", "A: Click Forgot password.", "It works, thank you!")
    one = task(passage(RESET), about=about, language=language)
    text, sentences, end = compose(engine, one)
    assert end.blocker is Blocker.NONE
    assert text
    assert all(s.sentence.role is not SentenceRole.FACT for s in sentences)
    assert end.confidence < 0.7


def test_who_asks_for_news_gets_no_article(engine: LocalEngine) -> None:
    """Where a matter stands only a person knows."""
    about = ticket("Reset?", "A: We check.", "Any news?", subject="Password")
    _, sentences, end = compose(engine, task(passage(RESET), about=about))
    assert not sentences
    assert end.blocker is Blocker.KNOWLEDGE_MISSING
    assert "where the matter stands" in end.blocker_text


def test_a_critical_outage_is_acknowledged_and_not_explained(
    engine: LocalEngine,
) -> None:
    """The status page is no answer to who says that it is green."""
    about = ticket(
        "Nobody can open it, TW-5030. Your status page is green.",
        subject="Total outage? TW-5030",
    )
    one = task(passage(CODES), about=about, severity=Severity.CRITICAL)
    text, sentences, end = compose(engine, one)
    assert end.blocker is Blocker.NONE
    assert "status page" not in text
    assert all(s.sentence.role is not SentenceRole.FACT for s in sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_outage_draft_claims_nothing_that_only_an_escalation_makes_true(
    engine: LocalEngine, language: str
) -> None:
    """Nothing is said to be passed on, and nobody is promised to write again."""
    about = ticket(
        "Nobody can open it since 08:40, TW-5030.", subject="Total outage? TW-5030"
    )
    one = task(
        passage(CODES), about=about, severity=Severity.CRITICAL, language=language
    )
    text, sentences, _ = compose(engine, one)
    escalated, _, _ = compose(engine, replace(one, purpose=Purpose.ESCALATION))
    assert phrases(language)["outage"]["understood"] in text
    assert phrases(language)["outage"]["look"] in text
    told = [s.sentence.text for s in sentences if s.sentence.text not in escalated]
    assert told == [*phrases(language)["outage"].values()]
    assert "?" not in text


def test_an_outage_draft_asks_for_the_one_missing_fact(engine: LocalEngine) -> None:
    """What a colleague needs first is asked, nothing else."""
    about = ticket("Total outage, nobody can open it.", subject="Total outage")
    one = task(passage(CODES), about=about, severity=Severity.CRITICAL)
    text, _, _ = compose(engine, one)
    assert text.count("?") == 1
    assert "Since when" in text


def test_what_shares_too_little_with_the_question_is_no_answer(
    engine: LocalEngine,
) -> None:
    """Better nothing than something beside the question."""
    about = ticket(
        "Does it push approved hours into QuickBooks Online or ADP?",
        subject="QuickBooks / ADP sync?",
    )
    one = task(passage(RESET), about=about, retrieval_confidence=0.45)
    _, sentences, end = compose(engine, one)
    assert not sentences
    assert end.blocker is Blocker.KNOWLEDGE_MISSING
    assert end.blocker_text


def test_a_code_that_no_source_explains_is_never_ready(engine: LocalEngine) -> None:
    """Who gives a code wants to know that code."""
    about = ticket("How can I reset my password? It says TW-9999.", subject="Password")
    _, _, end = compose(engine, task(passage(RESET), about=about))
    assert end.confidence <= 0.65


def test_what_an_agent_has_answered_is_never_ready_again(engine: LocalEngine) -> None:
    """After an agent's last word a draft may repeat it; somebody reads it first."""
    turn = "How can I reset my password? I forgot it."
    fresh = ticket(turn, subject="Password")
    answered = ticket(turn, "A: Click the link.", subject="Password")
    _, _, first = compose(engine, task(passage(RESET), about=fresh))
    _, _, again = compose(engine, task(passage(RESET), about=answered))
    assert first.confidence >= 0.7
    assert again.confidence <= 0.65


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("track order 113542617735902", "track order"),
        ("Where is order #00004587345?", "Where is order?"),
        ("404", ""),
        ("Error 5030 since 2025", "Error 5030 since 2025"),
    ],
)
def test_a_long_number_neither_hides_nor_speaks(text: str, read: str) -> None:
    """A request that is mostly an order's number is read by its words."""
    assert condensed(ticket(text), "en") == read
