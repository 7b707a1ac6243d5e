"""A running Deskside for browser tests: a real sidecar, a real panel, a few tickets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import json_format

from sidecar.client import SidecarClient
from sidecar.v1 import (
    assist_pb2,
    common_pb2,
    knowledge_pb2,
    ticket_pb2,
    ticket_service_pb2,
)
from tests.needs import REPOSITORY
from tests.servers import free_port

SAMPLE = REPOSITORY / "sidecar/sample"
ARTICLES = (
    *("account/lost-authenticator.md", "account/reset-password.md"),
    *("account/two-factor-authentication.md", "api/rate-limits.md"),
    *("devices/badge-reader-error-codes.md", "billing/refunds.md"),
    *("errors/error-codes.md", "policies/status-and-incidents.md"),
    *("errors/mobile-sync.md", "errors/restore-deleted.md"),
)
TICKETS = tuple(f"NWH-{n}" for n in (1001, 1009, 1058, 1060, 1069, 1072, 1081))
_START_SECONDS = 25.0


@dataclass
class Stack:
    """Addresses, folder and processes of one Deskside."""

    folder: Path
    sidecar_address: str
    panel_address: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The panel's origin."""
        return f"http://{self.panel_address}"

    def client(self) -> SidecarClient:
        """Return a client with the administrator's key."""
        key = (self.folder / "data/admin.key").read_text().strip()
        return SidecarClient(self.sidecar_address, key)

    def start_sidecar(self) -> None:
        """Start the sidecar and wait until it serves."""
        self._start("sidecar", "sidecar.server")
        self._wait((self.folder / "data/admin.key").exists)
        with self.client() as client:
            assert client.wait_until_serving(_START_SECONDS), self.log("sidecar")

    def start_panel(self) -> None:
        """Start the panel and wait until it answers."""
        self._start("panel", "plugin_ui")

        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as found:
                    return bool(found.status == 200)
            except OSError:
                return False

        self._wait(answers)

    def stop(self, name: str) -> None:
        """Ask a process to end, and wait."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name: str) -> str:
        """Return what a process said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _start(self, name: str, module: str) -> None:
        metrics = f"127.0.0.1:{free_port()}"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "DESKSIDE_DATA_DIR": str(self.folder / "data"),
            "DESKSIDE_SIDECAR_ADDRESS": self.sidecar_address,
            "DESKSIDE_PANEL_ADDRESS": self.panel_address,
            "DESKSIDE_METRICS_ADDRESS": metrics,
            "DESKSIDE_DEMO": "1",
            # All tests are one person, who works faster than any person does.
            "DESKSIDE_PERSON_CALLS_PER_MINUTE": "100000",
        }
        with (self.folder / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not ready():
            if time.monotonic() > deadline:
                raise RuntimeError(self.log(next(iter(self.processes))))
            time.sleep(0.05)


@contextmanager
def new_stack(folder: Path) -> Iterator[Stack]:
    """Lend a stack with nothing started; what was started is ended afterwards."""
    stack = Stack(folder, f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}")
    try:
        yield stack
    finally:
        for name in list(stack.processes):
            stack.stop(name)


def furnish(client: SidecarClient) -> dict[str, str]:
    """Add a few articles and tickets; returns our identifiers by external ones."""
    for name in ARTICLES:
        _add_article(client, name)
    _until_indexed(client)
    return {name: add_ticket(client, ticket) for name, ticket in _sample_tickets()}


def add_ticket(client: SidecarClient, ticket: ticket_pb2.Ticket) -> str:
    """Store and classify a ticket; returns our identifier."""
    stored = client.tickets.UpsertTicket(
        ticket_service_pb2.UpsertTicketRequest(ticket=ticket)
    ).ticket
    client.assist.Classify(assist_pb2.ClassifyRequest(ticket_id=stored.id))
    return str(stored.id)


def _add_article(client: SidecarClient, name: str) -> None:
    header = knowledge_pb2.AddDocumentHeader(
        file_name=Path(name).name,
        source="help-center",
        source_url=f"https://help.northwind-harbor.example/articles/{Path(name).stem}",
        visibility=common_pb2.VISIBILITY_PUBLIC,
    )
    client.upload((SAMPLE / "knowledge" / name).read_bytes(), header)


def _until_indexed(client: SidecarClient) -> None:
    deadline = time.monotonic() + _START_SECONDS
    ready = 0
    while ready < len(ARTICLES):
        assert time.monotonic() < deadline, "the articles are not indexed"
        time.sleep(0.1)
        found = client.knowledge.ListDocuments(knowledge_pb2.ListDocumentsRequest())
        states = [document.state for document in found.documents]
        ready = states.count(knowledge_pb2.DOCUMENT_STATE_READY)


def _sample_tickets() -> Iterator[tuple[str, ticket_pb2.Ticket]]:
    for line in (SAMPLE / "tickets.jsonl").read_text("utf-8").splitlines():
        found = json.loads(line)
        if found["external_id"] in TICKETS:
            yield found["external_id"], as_ticket(found)


def as_ticket(found: dict[str, object]) -> ticket_pb2.Ticket:
    """Read a ticket of the sample, whose enums are written by their short names."""
    found = json.loads(json.dumps(found))
    found.pop("resolution", None)
    _long(found, "channel", "CHANNEL")
    _long(found, "status", "TICKET_STATUS")
    _long(found["customer"], "tier", "CUSTOMER_TIER")
    messages = found["messages"]
    assert isinstance(messages, list)
    for message in messages:
        _long(message["author"], "role", "AUTHOR_ROLE")
    return json_format.ParseDict(found, ticket_pb2.Ticket(), ignore_unknown_fields=True)


def _long(holder: object, name: str, prefix: str) -> None:
    assert isinstance(holder, dict)
    if name in holder:
        holder[name] = f"{prefix}_{str(holder[name]).upper()}"
