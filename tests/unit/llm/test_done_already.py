"""A draft never tells customers to do what they say they have done."""

from __future__ import annotations

import pytest

from sidecar.domain.reply import Blocker
from sidecar.llm.local.engine import LocalEngine
from tests.unit.llm.conftest import ticket
from tests.unit.llm.test_composing import compose, passage, task

SPACER = """Metal behind the reader disturbs the antenna and causes E-57.
Put the 5 mm spacer between the wall and the reader against E-57.
"""
DRIVER = """The codes of the label printer.

Code | Meaning | What helps
LP-09 | print head too hot | wait 10 minutes, lower density
LP-23 | driver and firmware do not fit | install driver 3.8 or newer
"""


def blocker(engine: LocalEngine, text: str, *turns: str, subject: str) -> Blocker:
    """Return what keeps a reply to these turns from being written."""
    about = ticket(*turns, subject=subject)
    source = passage(text, title="Error codes")
    one = task(source, about=about, category="technical_problem")
    _, sentences, end = compose(engine, one)
    assert bool(sentences) is (end.blocker is Blocker.NONE)
    return end.blocker


@pytest.mark.parametrize(
    "said",
    [
        "We have already fitted the spacer, E-57 stays.",
        "We searched the spacer, found it, E-57 is not gone.",
        "The spacer is installed, still E-57.",
    ],
)
def test_a_fact_that_was_tried_is_dropped(engine: LocalEngine, said: str) -> None:
    """Nothing else is left, so a person has to write."""
    subject = "Badge reader shows E-57"
    assert blocker(engine, SPACER, said, subject=subject) is Blocker.KNOWLEDGE_MISSING


@pytest.mark.parametrize(
    "said",
    [
        "It says LP-23. You told me install 3.8. I have 3.8.",
        "LP-23, ich habe den Treiber 3.8 schon installiert.",
        "LP-23, ya he instalado la 3.8.",
        "LP-23, j'ai déjà la version 3.8.",
    ],
)
def test_a_version_the_customer_has_is_no_advice(
    engine: LocalEngine, said: str
) -> None:
    """In every language the number of the version says it."""
    found = blocker(engine, DRIVER, said, subject="LP-23")
    assert found is Blocker.KNOWLEDGE_MISSING


@pytest.mark.parametrize(
    "said",
    [
        "The reader shows E-57 all day, what can I do?",
        "We have not installed a spacer. The reader shows E-57, what helps?",
        "Have you already sent the spacer? The reader shows E-57.",
        'The box says "spacer already fitted". The reader shows E-57, what helps?',
    ],
)
def test_what_was_not_done_is_still_advised(engine: LocalEngine, said: str) -> None:
    """Questions, denials and quotations are no deeds."""
    subject = "Badge reader shows E-57"
    assert blocker(engine, SPACER, said, subject=subject) is Blocker.NONE
