"""The sample company: its knowledge and tickets, sent as any client would send them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.connection import PATIENT
from sidecar.cli.inputs import ticket_from_json
from sidecar.cli.upload import Options, Outcome, find_files, send

if TYPE_CHECKING:
    from sidecar.client import SidecarClient

FOLDER = Path(__file__).resolve().parent.parent / "sample"
MARKER = "sample.json"
CONNECTOR = "demo"
Tell = Callable[[str], None]


def content_hash() -> str:
    """Return one digest over every sample file, by name and bytes."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in (".md", ".jsonl"):
            name = path.relative_to(FOLDER).as_posix().encode()
            content = path.read_bytes()
            digest.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def is_seeded(client: SidecarClient, data_dir: Path) -> bool:
    """Say whether this very sample was sent before and is still there."""
    try:
        marker = json.loads((data_dir / MARKER).read_text())
    except (OSError, ValueError):
        return False
    if not isinstance(marker, dict) or marker.get("sha256") != content_hash():
        return False
    from sidecar.v1 import insight_pb2, ticket_service_pb2

    status = client.insight.GetStatus(insight_pb2.GetStatusRequest())
    request = ticket_service_pb2.ListTicketsRequest(page_size=200, connector=CONNECTOR)
    tickets = client.tickets.ListTickets(request).tickets
    return bool(
        status.document_count >= marker.get("documents", 0)
        and len(tickets) >= marker.get("tickets", 0)
    )


def seed_sample(client: SidecarClient, data_dir: Path, tell: Tell) -> dict[str, int]:
    """Send everything; what is there already is left as it is.

    Tickets come first, without a model, so that the demonstration's list is filled at
    once; then knowledge, so that drafts have sources; then what is known about each
    ticket. Raises ``ClickException`` when an article cannot be read.
    """
    tickets = _read_tickets()
    ids = [_store(client, ticket) for ticket in tickets]
    tell(f"{len(ids)} tickets are there")
    articles = find_files([str(FOLDER / "knowledge")], recursive=True)
    outcomes: list[Outcome] = []
    for number, article in enumerate(articles, 1):
        outcomes.append(send(client, article, Options()))
        if number % 20 == 0 or number == len(articles):
            tell(f"{number} of {len(articles)} articles")
    failed = [outcome for outcome in outcomes if outcome.result == "failed"]
    # Newest first: these are what the demonstration's list begins with.
    newest_first = list(zip(tickets, ids, strict=True))[::-1]
    for number, (ticket, ticket_id) in enumerate(newest_first, 1):
        _classify(client, ticket, ticket_id)
        if number % 30 == 0 or number == len(ids):
            tell(f"{number} of {len(ids)} tickets classified")
    if failed:
        raise click.ClickException(f"{failed[0].path.name}: {failed[0].error}")
    counts = {"documents": len(articles), "tickets": len(ids)}
    _mark(data_dir, counts)
    return counts


def _read_tickets() -> list[dict[str, Any]]:
    text = (FOLDER / "tickets.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _request_id(step: str, fields: dict[str, Any], ticket_id: str = "") -> str:
    # The same content is the same request, so that a repeat changes nothing; the
    # ticket's id tells one database from the next.
    text = json.dumps(fields, sort_keys=True) + ticket_id
    return f"sample-{step}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _store(client: SidecarClient, fields: dict[str, Any]) -> str:
    from sidecar.v1 import ticket_service_pb2

    answer = client.tickets.UpsertTicket(
        ticket_service_pb2.UpsertTicketRequest(
            request_id=_request_id("ticket", fields), ticket=ticket_from_json(fields)
        )
    )
    ticket_id: str = answer.ticket.id
    if fields.get("resolution"):
        client.tickets.RecordResolution(
            ticket_service_pb2.RecordResolutionRequest(
                request_id=_request_id("resolution", fields, ticket_id),
                ticket_id=ticket_id,
                text=fields["resolution"],
            )
        )
    return ticket_id


def _classify(client: SidecarClient, fields: dict[str, Any], ticket_id: str) -> None:
    from sidecar.v1 import assist_pb2

    client.assist.Classify(
        assist_pb2.ClassifyRequest(
            request_id=_request_id("classify", fields, ticket_id), ticket_id=ticket_id
        ),
        timeout=PATIENT,
    )


def _mark(data_dir: Path, counts: dict[str, int]) -> None:
    # Only beside a sidecar's own data: a remote one is asked each time.
    if data_dir.is_dir():
        text = json.dumps({"sha256": content_hash(), **counts})
        (data_dir / MARKER).write_text(text + "\n")
