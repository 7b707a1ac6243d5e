"""A new embedding model or a lost index needs nobody to think of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sidecar.bootstrap import House, open_house
from sidecar.domain.access import Principal, Role
from sidecar.domain.knowledge import SearchMode
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.settings import Settings
from sidecar.usecases.commands import AddDocumentCommand, RetrieveCommand
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.usecases.ingest_document import ingest_document
from sidecar.usecases.jobs import queue_needed_reindex, run_next_job
from sidecar.usecases.ports import always_wanted, unsaved
from sidecar.usecases.retrieve import retrieve
from sidecar.usecases.tickets import upsert_ticket
from tests import needs

CALLER = Principal("default", Role.ADMIN, "key:test", "test")


def _learn(house: House) -> None:
    text = b"Visitors leave their car in the yard behind building C."
    command = AddDocumentCommand(text, "parking.txt")
    ingest_document(house.ports, CALLER, command, unsaved, always_wanted)
    message = Message("1", Author(AuthorRole.CUSTOMER), "Where do guests park?")
    ticket = Ticket("1", "demo", "Parking", (message,))
    upsert_ticket(house.ports, CALLER, ticket, unsaved)
    index_changed_tickets(house.ports, 10)


def test_a_model_installed_later_is_used_for_what_is_there(tmp_path: Path) -> None:
    """Knowledge and tickets of the time without a model get their vectors by a job."""
    needs.weights()
    without = open_house(Settings(data_dir=tmp_path / "data", embedder="none"))
    _learn(without)
    assert queue_needed_reindex(without.ports) == 0
    without.close()
    house = open_house(Settings(data_dir=tmp_path / "data"))
    try:
        assert house.ports.index.status("default").without_vector == 2
        assert queue_needed_reindex(house.ports) == 1
        assert queue_needed_reindex(house.ports) == 0, "one job is enough"
        assert run_next_job(house.ports, "test")
        index_changed_tickets(house.ports, 10)
        assert house.ports.index.status("default").without_vector == 0
        search = RetrieveCommand("guests parking space", mode=SearchMode.VECTOR)
        assert retrieve(house.ports, CALLER, search).passages
    finally:
        house.close()


def test_a_lost_index_is_built_anew_by_itself(tmp_path: Path) -> None:
    """Without the index folder the next start finds its knowledge again by a job."""
    house = open_house(Settings(data_dir=tmp_path / "data", embedder="none"))
    _learn(house)
    assert queue_needed_reindex(house.ports) == 0
    house.close()
    shutil.rmtree(tmp_path / "data" / "index")
    house = open_house(Settings(data_dir=tmp_path / "data", embedder="none"))
    try:
        search = RetrieveCommand("car in the yard", mode=SearchMode.KEYWORD)
        assert not retrieve(house.ports, CALLER, search).passages
        assert queue_needed_reindex(house.ports) == 1
        assert run_next_job(house.ports, "test")
        assert retrieve(house.ports, CALLER, search).passages
    finally:
        house.close()
