"""Without its index Deskside says so, and invents nothing (C11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.bootstrap import House, open_house
from sidecar.domain.access import Principal, Role
from sidecar.domain.reply import Blocker, Draft, Outcome, Warning
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.errors import Reason, TryAgain
from sidecar.settings import Settings
from sidecar.usecases.commands import DraftCommand, RetrieveCommand
from sidecar.usecases.draft_reply import draft_reply
from sidecar.usecases.ports import Target, always_wanted, unsaved
from sidecar.usecases.retrieve import retrieve

CALLER = Principal("default", Role.AGENT, "key:test", "test")
TICKET = Ticket(
    "1",
    "demo",
    "Refund",
    (Message("1", Author(AuthorRole.CUSTOMER), "How do I get a refund for my plan?"),),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house without knowledge."""
    opened = open_house(Settings(data_dir=tmp_path / "data", embedder="none"))
    yield opened
    opened.close()


def _draft(house: House) -> Draft:
    command = DraftCommand(Target(ticket=TICKET))
    *_, last = draft_reply(house.ports, CALLER, command, unsaved, always_wanted)
    assert isinstance(last, Draft)
    return last


def test_an_empty_index_finds_nothing_and_says_so(house: House) -> None:
    """No knowledge: no passage, not answerable, and a draft that needs a human."""
    found = retrieve(house.ports, CALLER, RetrieveCommand("refund"))
    assert (found.passages, found.answerable) == ((), False)
    draft = _draft(house)
    assert draft.outcome is Outcome.NEEDS_HUMAN
    assert draft.blocker is Blocker.KNOWLEDGE_MISSING
    assert draft.citations == ()


def test_a_broken_index_is_unavailable_but_drafts_answer(
    house: House, tmp_path: Path
) -> None:
    """Retrieve asks to try again; a draft answers, degraded, without a source."""
    for file in (tmp_path / "data" / "index").glob("index.db*"):
        file.write_bytes(b"not a database " * 4096)
    with pytest.raises(TryAgain) as refused:
        retrieve(house.ports, CALLER, RetrieveCommand("refund"))
    assert refused.value.reason is Reason.INDEX_UNAVAILABLE
    draft = _draft(house)
    assert draft.blocker is Blocker.KNOWLEDGE_MISSING
    assert Warning.DEGRADED in draft.warnings
    assert draft.citations == ()
