"""The sample tickets look right to a support engineer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sidecar.domain.classification import Decision, Severity
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.summary import SummaryKind
from sidecar.domain.ticket import (
    Author,
    AuthorRole,
    Customer,
    CustomerTier,
    Message,
    Ticket,
    TicketStatus,
)
from sidecar.llm.local.engine import LocalEngine
from tests.needs import REPOSITORY

SAMPLES = REPOSITORY / "sidecar/sample/tickets.jsonl"
# Which categories a support engineer would accept, judged by hand for each ticket.
ACCEPTED = Path(REPOSITORY / "tests/data/sample_categories.json")


def samples() -> Iterator[Ticket]:
    """Read the sample tickets as the demo stores them."""
    for line in SAMPLES.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        who = raw["customer"]
        tier = CustomerTier(who["tier"].lower())
        yield Ticket(
            external_id=raw["external_id"],
            connector="demo",
            subject=raw["subject"],
            messages=tuple(_message(m) for m in raw["messages"]),
            customer=Customer(who["external_id"], who["email"], who["name"], tier),
            status=TicketStatus(raw["status"].lower()),
            resolution=raw.get("resolution", ""),
            id=raw["external_id"],
        )


def _message(raw: dict[str, Any]) -> Message:
    author = raw["author"]
    return Message(
        external_id=raw["external_id"],
        author=Author(AuthorRole(author["role"].lower()), name=author.get("name", "")),
        body=raw["body"],
        internal=raw.get("internal", False),
        sent_at=datetime.fromisoformat(raw["sent_at"]),
    )


@pytest.mark.parametrize(("with_model", "least"), [(True, 0.88), (False, 0.78)])
def test_categories_are_those_a_support_engineer_accepts(
    engine: LocalEngine, bare_engine: LocalEngine, with_model: bool, least: float
) -> None:
    """Nine in ten with the model, eight without; what may be written is right."""
    accepted = json.loads(ACCEPTED.read_text(encoding="utf-8"))
    chosen = engine if with_model else bare_engine
    right = wrong_but_sure = 0
    for one in samples():
        wanted = accepted.get(one.external_id)
        if wanted is None:
            continue
        found = chosen.read(one, DEFAULT_TAXONOMY, None).category
        right += found.value in wanted
        wrong_but_sure += (
            found.decision is Decision.AUTOMATE and found.value not in wanted
        )
    assert right >= least * len(accepted)
    assert wrong_but_sure == 0


def test_alarms_among_the_samples_are_seen_and_questions_are_not(
    bare_engine: LocalEngine,
) -> None:
    """Outages, danger and foreign data are critical; plain questions are not."""
    severity = {
        one.external_id: bare_engine.read(one, DEFAULT_TAXONOMY, None).severity
        for one in samples()
    }
    for name in ("NWH-1072", "NWH-1073", "NWH-1075", "NWH-1079", "NWH-1088"):
        assert severity[name] is Severity.CRITICAL, name
    for name in ("NWH-1037", "NWH-1048", "NWH-1050", "NWH-1070", "NWH-1083"):
        assert severity[name] in (Severity.LOW, Severity.NORMAL), name


def test_every_sample_has_a_summary(bare_engine: LocalEngine) -> None:
    """Whatever the ticket, headline and answers are there and nothing breaks."""
    for one in samples():
        for kind in SummaryKind:
            found = bare_engine.summarize(one, kind, "")
            assert 0 < len(found.headline) <= 90
            assert len(found.sentiment_trend) == len(one.customer_messages)
