"""Tickets become findable in batches; one that cannot be indexed holds up no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sidecar.index.embedded import EmbeddedIndex
from sidecar.index.port import EntryKind, IndexEntry, IndexFilter
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.v1 import ticket_pb2
from sidecar.v1 import ticket_service_pb2 as pb
from tests.contract.rpc.conftest import Running

ODD = "unwritable"


class PickyIndex(EmbeddedIndex):
    """The real index, on a disk that refuses one word."""

    commits = 0

    def replace_groups(
        self,
        workspace: str,
        kind: EntryKind,
        groups: Mapping[str, Sequence[IndexEntry]],
    ) -> None:
        """Write the groups unless the word is among them."""
        texts = [entry.text for entries in groups.values() for entry in entries]
        if any(ODD in text for text in texts):
            raise ZeroDivisionError
        super().replace_groups(workspace, kind, groups)
        self.commits += 1


def _store(running: Running, *bodies: str) -> None:
    with running.client() as client:
        for number, body in enumerate(bodies):
            message = ticket_pb2.Message(
                external_id="m",
                author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                body=body,
            )
            ticket = ticket_pb2.Ticket(
                connector="zendesk", external_id=f"{number}", messages=[message]
            )
            client.tickets.UpsertTicket(pb.UpsertTicketRequest(ticket=ticket))


def _found(index: EmbeddedIndex) -> int:
    hits = index.by_words("default", EntryKind.TICKET, "printer", 99, IndexFilter())
    return len(hits)


def _picky(running: Running, folder: Path) -> PickyIndex:
    embedder = running.house.ports.embedder
    return PickyIndex(folder, model=embedder.model, dimensions=embedder.dimensions)


def test_tickets_are_written_together(running: Running, tmp_path: Path) -> None:
    """Twenty changed tickets cost one change of the index."""
    _store(running, *(f"The printer {number} jams" for number in range(20)))
    index = _picky(running, tmp_path)
    ports = replace(running.house.ports, index=index)
    assert index_changed_tickets(ports, 32) == 20
    assert (_found(index), index.commits) == (20, 1)
    assert index_changed_tickets(ports, 32) == 0


def test_an_odd_ticket_holds_up_no_other(running: Running, tmp_path: Path) -> None:
    """The others are found, and it is not tried for ever."""
    _store(running, "The printer jams", f"printer {ODD}", "My printer is loud")
    index = _picky(running, tmp_path)
    ports = replace(running.house.ports, index=index)
    assert index_changed_tickets(ports, 32) == 3
    assert _found(index) == 2
    assert index_changed_tickets(ports, 32) == 0
