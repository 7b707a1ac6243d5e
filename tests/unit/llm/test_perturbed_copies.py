"""Copies of a ticket that differ in form alone are read as the ticket is.

On the sample company's tickets and twenty public ones: category (against what a
support engineer accepts), tone and priority lose at most three points, and no form
makes a ticket more urgent.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from sidecar.domain.classification import Sentiment, Severity
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.priority import priority_of
from sidecar.llm.local.engine import LocalEngine
from tests.needs import REPOSITORY
from tests.unit.llm.conftest import ticket
from tests.unit.llm.test_sample_tickets import ACCEPTED, samples

PUBLIC = REPOSITORY / "tests/data/public_tickets/tickets.jsonl"
MOST_POINTS = 3.0
ORDER = list(Severity)


@dataclass(frozen=True)
class Seen:
    """What was read of a text, and whether its category is acceptable."""

    accepted: bool
    sentiment: Sentiment
    severity: Severity
    priority: int


def typos(text: str) -> str:
    """Swap two letters in about every twentieth long word."""
    chance = random.Random(7)
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 5 and word.isalpha() and chance.random() < 0.05:
            at = chance.randrange(1, len(word) - 2)
            words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


PERTURBATIONS: dict[str, Callable[[str], str]] = {
    "typos": typos,
    "upper case": str.upper,
    "lower case": str.lower,
    "no punctuation": lambda t: re.sub(r"[.,;:!?¿¡](?=\s|$)", "", t),
    "an irrelevant sentence": lambda t: f"{t}\n\nBy the way, we had a nice summer.",
    "an irrelevant beginning": lambda t: f"It is raining here today. {t}",
    "a signature": lambda t: (
        f"{t}\n\n-- \nDr. Jane Doe\nHead of Outage and Emergency Response, Billing"
        " and Shipping\nUrgent matters: +49 30 000000"
    ),
    "a quoted reply": lambda t: (
        f"{t}\n\nOn Mon, 2 Mar 2026 at 10:00, Support wrote:\n"
        "> Production is down for all users!!! UNACCEPTABLE\n> We lost all data."
    ),
}


def _texts() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield first messages, and the categories a support engineer accepts."""
    accepted = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    for one in samples():
        body = one.customer_messages[0].body if one.customer_messages else ""
        # Of an emoji or a file's name there is nothing to disturb.
        if sum(map(str.isalpha, body)) > 40:
            yield body, frozenset(accepted.get(one.external_id, ()))
    for line in PUBLIC.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["text"], frozenset()


TEXTS = list(_texts())


def _read(engine: LocalEngine, text: str, wanted: frozenset[str]) -> Seen:
    made = ticket(text)
    found = engine.read(made, DEFAULT_TAXONOMY, None)
    priority = priority_of(found, made, None)[0]
    accepted = found.category.value in wanted
    return Seen(accepted, found.sentiment, found.severity, priority)


@pytest.fixture(scope="module")
def plain(engine: LocalEngine) -> list[Seen]:
    """Read every text as it is."""
    return [_read(engine, text, wanted) for text, wanted in TEXTS]


@pytest.mark.parametrize("kind", list(PERTURBATIONS))
def test_form_alone_costs_at_most_three_points_and_raises_nothing(
    engine: LocalEngine, plain: list[Seen], kind: str
) -> None:
    """Category, tone and priority stay, and at most one text in a hundred rises."""
    disturb = PERTURBATIONS[kind]
    other = [_read(engine, disturb(text), wanted) for text, wanted in TEXTS]
    pairs = list(zip(plain, other, strict=True))
    judged = sum(bool(wanted) for _, wanted in TEXTS)
    lost = sum(a.accepted for a in plain) - sum(b.accepted for b in other)
    assert 100 * lost / judged <= MOST_POINTS
    share = 100 / len(pairs)
    assert share * sum(a.sentiment != b.sentiment for a, b in pairs) <= MOST_POINTS
    assert share * sum(a.priority != b.priority for a, b in pairs) <= MOST_POINTS
    raised = [b for a, b in pairs if ORDER.index(b.severity) > ORDER.index(a.severity)]
    assert share * len(raised) <= 1.0
    assert not any(b.severity is Severity.CRITICAL for b in raised)


def test_there_is_enough_to_disturb() -> None:
    """A hundred texts or more, some sixty of them with a judged category."""
    assert len(TEXTS) >= 100
    assert sum(bool(wanted) for _, wanted in TEXTS) >= 60
