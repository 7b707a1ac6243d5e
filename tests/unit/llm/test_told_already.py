"""A draft does not repeat what an agent said, and says no more than it knows."""

from __future__ import annotations

import pytest

from sidecar.domain.reply import Blocker
from sidecar.llm.local.engine import LocalEngine
from tests.unit.llm.conftest import ticket
from tests.unit.llm.test_composing import RETURNS, compose, passage, task

KEYS = """# Frequent problems

Entries are missing since the person who made the key was deactivated. Make a new key;
missed entries of the last 72 hours are sent again.
"""
IMPORT = """# Import a spreadsheet

The columns of a spreadsheet are email, date, duration and project. An import can be
undone as a whole for 7 days.
"""
CUTTER = """# Cutter blocked

If the cutter is blocked three times in a day, it is worn. It is covered for 12 months.
"""
ERASE = """# Erase one person

An owner opens **Settings → People → … → Erase**. The name and comments of the person
are removed from every project.
"""
FORM = """# Track an order

Shop orders have numbers like NH-104233. An order that does not move for 5 days can be
searched by the carrier.
"""


def test_what_an_agent_said_is_not_said_again(engine: LocalEngine) -> None:
    """Who asks on after an answer gets what is new, from another article."""
    about = ticket(
        "Entries are missing since Monday, what can we do?",
        "A: The key belonged to a person who was deactivated. Make a new key; missed"
        " entries of the last 72 hours are sent again.",
        "The new key works. How must the columns of the spreadsheet look, and can an"
        " import be undone?",
        subject="Entries missing",
    )
    sources = (passage(KEYS), passage(IMPORT, 2, title="Import a spreadsheet"))
    text, _, end = compose(engine, task(*sources, about=about, category="how_to"))
    assert end.blocker is Blocker.NONE
    assert "columns of a spreadsheet" in text
    assert "72 hours" not in text


def test_the_first_turn_is_still_answered_with_it(engine: LocalEngine) -> None:
    """What nobody has said yet is said."""
    asked = "Entries are missing since Monday, what can we do?"
    about = ticket(asked, subject="Entries missing")
    text, _, _ = compose(engine, task(passage(KEYS), about=about, category="how_to"))
    assert "72 hours" in text


def test_a_sentence_that_speaks_of_the_one_before_comes_along(
    engine: LocalEngine,
) -> None:
    """What begins with "It" stands behind what it speaks of."""
    asked = "The cutter is blocked three times a day, is it worn?"
    about = ticket(asked, subject="Cutter blocked")
    source = passage(CUTTER, title="Printer errors")
    text, _, _ = compose(engine, task(source, about=about))
    assert "it is worn. It is covered for 12 months." in text


def test_a_path_through_menus_is_one_sentence(engine: LocalEngine) -> None:
    """The dots before an arrow end nothing."""
    asked = "How do I erase one person and her comments from a project?"
    about = ticket(asked, subject="Erase one person")
    source = passage(ERASE, title="Erase one person")
    text, _, _ = compose(engine, task(source, about=about, category="how_to"))
    assert "Settings → People → … → Erase." in text


def test_the_form_of_a_number_is_not_told_to_who_gives_one(
    engine: LocalEngine,
) -> None:
    """What order numbers look like the customer knows."""
    asked = "My order {} does not move for 6 days, is it lost?"
    source = passage(FORM, title="Track an order")
    for number, shown in (("NH-104902", False), ("from Monday", True)):
        about = ticket(asked.format(number), subject="Which order numbers are there?")
        one = task(source, about=about, category="orders_shipping")
        text, _, _ = compose(engine, one)
        assert ("NH-104233" in text) is shown, number


def test_a_topic_alone_is_no_answer(engine: LocalEngine) -> None:
    """However sure the search is: no sentence of the matter, no draft."""
    about = ticket(
        "We wrap prints in soft paper and the item's labels peel off after an hour."
        " Do you sell a roll with stronger glue, or is there a brand you recommend?",
        subject="small matter of labels on paper",
    )
    one = task(
        passage(RETURNS), about=about, category="how_to", retrieval_confidence=0.8
    )
    _, sentences, end = compose(engine, one)
    assert not sentences
    assert end.blocker is Blocker.KNOWLEDGE_MISSING


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("Please send me the number of the last invoice.", "TW-2026-05533, 28 euro."),
        ("Mi mandi il numero dell'ultima fattura.", "Fattura TW-2026-05533, 28 euro."),
        ("Bitte nennen Sie mir die Nummer.", "Rechnung TW-2026-05533, 28 Euro."),
        ("Envoyez-moi le numéro de la facture.", "Facture TW-2026-05533, 28 euros."),
        ("Envíeme el número de la factura.", "Factura TW-2026-05533, 28 euros."),
        ("Diga-me o número da fatura.", "Fatura TW-2026-05533, 28 euros."),
    ],
)
def test_who_gives_what_was_asked_for_is_not_sent_away(
    engine: LocalEngine, asked: str, given: str
) -> None:
    """The next step is the agent's; "thanks, write if anything is open" is none."""
    about = ticket("I lost my phone.", f"A: {asked}", given, subject="Lost phone")
    _, sentences, end = compose(engine, task(passage(RETURNS), about=about))
    assert not sentences
    assert "next step" in end.blocker_text


def test_an_old_way_that_the_customer_complains_of_is_no_advice(
    engine: LocalEngine,
) -> None:
    """Who is "still copying by hand??" knows that hours can be copied."""
    source = passage("# Restore\n\nYou copy the hours from the second workspace.\n")
    about = ticket(
        "The hours are in the second workspace, and I am still copying by hand??",
        subject="Restore of hours",
    )
    _, sentences, end = compose(engine, task(source, about=about))
    assert not sentences
    assert end.blocker is Blocker.KNOWLEDGE_MISSING
