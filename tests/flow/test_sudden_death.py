"""kill -9 at random moments of start, migration and work: nothing acknowledged is lost.

The ledger holds what a caller was told is done. ``KILLS=120`` in the environment
makes it longer; the suites of store and index kill their own processes in the same way.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.client import SidecarClient, SidecarError
from sidecar.v1 import (
    assist_pb2,
    common_pb2,
    escalation_pb2,
    knowledge_pb2,
    ticket_pb2,
)
from sidecar.v1 import ticket_service_pb2 as tickets_pb2
from tests.flow.sidecar_process import SidecarProcess

KILLS = int(os.environ.get("KILLS", "24"))
SEED = 20261121
FIRST_ANSWER_SECONDS = 20.0


class Ledger:
    """What callers were told is done, across all lives of the process."""

    def __init__(self) -> None:
        self.tickets: dict[str, str] = {}
        self.documents: dict[str, str] = {}
        self.escalations: dict[str, str] = {}
        self.answered = threading.Event()


def _work(client: SidecarClient, ledger: Ledger, life: int) -> None:
    """Send tickets and documents one after the other until the process dies."""
    for step in range(10_000):
        name = f"life{life}-step{step}"
        ticket = ticket_pb2.Ticket(
            external_id=name,
            connector="demo",
            subject="Production is down for all users",
            messages=[
                ticket_pb2.Message(
                    external_id=f"{name}-1",
                    author=ticket_pb2.Author(role=ticket_pb2.AUTHOR_ROLE_CUSTOMER),
                    body=f"Nobody can log in since this morning. Reference {name}.",
                )
            ],
        )
        request = assist_pb2.ClassifyRequest(request_id=f"c-{name}", ticket=ticket)
        answer = client.assist.Classify(request, timeout=20)
        ledger.tickets[answer.ticket_id] = name
        ledger.answered.set()
        if answer.HasField("escalation"):
            ledger.escalations[answer.escalation.escalation_id] = name
        if step % 3 == 0:
            header = knowledge_pb2.AddDocumentHeader(
                request_id=f"d-{name}",
                file_name=f"{name}.md",
                source="test",
                visibility=common_pb2.VISIBILITY_PUBLIC,
            )
            text = f"# Note {name}\n\n" + f"The code of {name} is unique. " * 30
            added = client.upload(text.encode(), header, timeout=20)
            ledger.documents[added.document.document_id] = name


def _dies_starting(sidecar: SidecarProcess, moment: float) -> None:
    sidecar.start()
    time.sleep(moment)
    sidecar.kill()


def _dies_working(
    sidecar: SidecarProcess, ledger: Ledger, life: int, moment: float
) -> None:
    """Work, and be killed ``moment`` seconds after the first answer of this life."""
    sidecar.start()
    sidecar.wait_until_serving()
    client = sidecar.client()
    ledger.answered.clear()

    def kill() -> None:
        ledger.answered.wait(FIRST_ANSWER_SECONDS)
        time.sleep(moment)
        sidecar.kill()
        # A client waits for a restart; here nobody will come back soon.
        client.close()

    killer = threading.Thread(target=kill)
    killer.start()
    with suppress(SidecarError, ValueError):
        _work(client, ledger, life)
    killer.join()


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Killed at any moment, the next start has every ticket, passage and escalation."""
    moments = random.Random(SEED)
    # The comparison at the end asks for everything at once.
    pace = {"DESKSIDE_KEY_CALLS_PER_MINUTE": "1000000"}
    sidecar = SidecarProcess(tmp_path / "data", **pace)
    ledger = Ledger()
    for life in range(KILLS):
        # A third dies while starting, the first of them while migrating.
        if life % 3 == 0:
            _dies_starting(sidecar, moments.uniform(0.05, 2.0))
        else:
            _dies_working(sidecar, ledger, life, moments.uniform(0.0, 1.0))
    sidecar.start()
    sidecar.wait_until_serving()
    client = sidecar.client()
    try:
        _compare(client, ledger)
    finally:
        client.close()
        assert sidecar.stop() == 0
    _database_is_whole(tmp_path / "data" / "deskside.db")
    print(
        f"\n{KILLS} kills: {len(ledger.tickets)} tickets, {len(ledger.documents)}"
        f" documents, {len(ledger.escalations)} escalations acknowledged, 0 lost"
    )


def _compare(client: SidecarClient, ledger: Ledger) -> None:
    assert ledger.tickets, "the storm never let it work"
    assert ledger.documents, "the storm never let it learn"
    for ticket_id, name in ledger.tickets.items():
        request = tickets_pb2.GetTicketPanelRequest(ticket_id=ticket_id)
        panel = client.tickets.GetTicketPanel(request)
        assert panel.ticket.external_id == name
        assert panel.HasField("classification")
    # Repeating each request gives the first answer again: nothing is done twice.
    open_now = _open_escalations(client)
    assert ledger.escalations.keys() <= open_now
    deadline = time.monotonic() + 30
    for document_id, name in ledger.documents.items():
        while (
            _document_state(client, document_id) != knowledge_pb2.DOCUMENT_STATE_READY
        ):
            assert time.monotonic() < deadline, f"{name} was never finished"
            time.sleep(0.1)
        found = client.assist.Retrieve(
            assist_pb2.RetrieveRequest(query=f"code of {name}", top_k=50)
        )
        assert document_id in {passage.document_id for passage in found.passages}


def _open_escalations(client: SidecarClient) -> set[str]:
    found: set[str] = set()
    token = ""
    while True:
        page = client.escalations.ListEscalations(
            escalation_pb2.ListEscalationsRequest(page_size=200, page_token=token)
        )
        found |= {escalation.escalation_id for escalation in page.escalations}
        token = page.next_page_token
        if not token:
            return found


def _document_state(client: SidecarClient, document_id: str) -> int:
    request = knowledge_pb2.GetDocumentRequest(document_id=document_id)
    return client.knowledge.GetDocument(request).document.state


def _database_is_whole(path: Path) -> None:
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = database.execute(
            "SELECT COUNT(*), COUNT(DISTINCT external_id) FROM tickets"
        ).fetchone()
        assert rows[0] == rows[1]
