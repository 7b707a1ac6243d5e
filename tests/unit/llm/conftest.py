"""The engine with the real model and without one, and short ways to make tickets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.priority import priority_of, risk_of
from sidecar.domain.ticket import Author, AuthorRole, Customer, Message, Ticket
from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import Signals
from tests import needs

START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def weights() -> Path:
    """Return the model's folder; `make test` installs it."""
    needs.weights()
    found = find_weights()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one cache for the graphs built during the session."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(scope="session")
def engine(weights: Path, model_cache: Path) -> LocalEngine:
    """Return the engine as a normal installation runs it."""
    return LocalEngine(MiniLmEmbedder.open(weights, model_cache))


@pytest.fixture(scope="session")
def bare_engine() -> LocalEngine:
    """Return the engine of an installation without a model."""
    return LocalEngine(NoEmbedder())


def ticket(*turns: str, subject: str = "", name: str = "Anna Schmidt") -> Ticket:
    """Make a ticket; turns that begin with "A:" are an agent's, "N:" internal notes."""
    messages = []
    for number, turn in enumerate(turns):
        agent = turn.startswith(("A:", "N:"))
        role = AuthorRole.AGENT if agent else AuthorRole.CUSTOMER
        messages.append(
            Message(
                external_id=f"m{number}",
                author=Author(role, name="Priya Raman" if agent else name),
                body=turn[2:].strip() if agent else turn,
                internal=turn.startswith("N:"),
                sent_at=START + timedelta(hours=number),
                id=f"m{number}",
            )
        )
    customer = Customer(email="anna@customer.example", name=name)
    return Ticket("T-1", "demo", subject, tuple(messages), customer, id="t1")


@pytest.fixture(scope="session")
def read(bare_engine: LocalEngine) -> Callable[..., Signals]:
    """Read a ticket's tone and severity, which need no model."""

    def reader(*turns: str, subject: str = "") -> Signals:
        return bare_engine.read(ticket(*turns, subject=subject), DEFAULT_TAXONOMY, None)

    return reader


@pytest.fixture(scope="session")
def priority(bare_engine: LocalEngine) -> Callable[..., int]:
    """Return a ticket's priority as the use case computes it."""

    def compute(*turns: str, subject: str = "") -> int:
        one = ticket(*turns, subject=subject)
        signals = bare_engine.read(one, DEFAULT_TAXONOMY, None)
        return priority_of(signals, one, None)[0]

    return compute


@pytest.fixture(scope="session")
def risk(bare_engine: LocalEngine) -> Callable[..., float]:
    """Return a ticket's risk as the use case computes it."""

    def compute(*turns: str) -> float:
        one = ticket(*turns)
        return risk_of(bare_engine.read(one, DEFAULT_TAXONOMY, None), one, None)[0]

    return compute
