"""Commands about stored tickets: list, show, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.assist import escalation_line, show_classification, ticket_key
from sidecar.cli.connection import connect
from sidecar.cli.console import (
    as_dict,
    json_option,
    moment,
    note,
    on_terminal,
    say,
    show_heading,
    show_json,
    show_record,
    show_table,
    word,
)
from sidecar.cli.no_tickets import explain_no_tickets

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1 import ticket_service_pb2

STATUSES = ("new", "open", "pending", "on-hold", "solved", "closed", "spam", "unknown")
SENTIMENTS = ("positive", "neutral", "negative", "angry")
SEVERITIES = ("low", "normal", "high", "critical")
_PAGE = 200


@click.group()
def tickets() -> None:
    """List, show and export stored tickets."""


@tickets.command("list")
@click.option("--category", default="")
@click.option("--sentiment", type=click.Choice(SENTIMENTS))
@click.option("--severity", type=click.Choice(SEVERITIES))
@click.option("--status", "statuses", type=click.Choice(STATUSES), multiple=True)
@click.option("--risk-min", type=click.FloatRange(0, 1), default=0.0)
@click.option("--unattended", is_flag=True, help="Last public message: the customer's.")
@click.option("--connector", default="")
@click.option("--text", default="", help="Words in subject or messages.")
@click.option("--limit", "-n", type=click.IntRange(1, 10_000), default=50)
@json_option
def list_tickets(as_json: bool, limit: int, **filters: Any) -> None:
    """List tickets, latest change first.

    \b
    Examples:
      deskside tickets list --risk-min 0.7 --limit 10
      deskside tickets list --status open --unattended
      deskside tickets list --sentiment angry --json

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    with connect() as client:
        found, more = _pages(client, limit, filters)
        if not found:
            explain_no_tickets(client, filters)
    if as_json:
        show_json({"tickets": [as_dict(item) for item in found], "more": more})
        return
    if found:
        show_table(
            ["ticket", "status", "prio", "risk", "mood", "category", "subject"],
            [_row(item) for item in found],
        )
    if more:
        note(f"There are more than {limit}; see --limit.")


def _row(item: ticket_service_pb2.TicketOverview) -> list[str]:
    ticket, about = item.ticket, item.classification
    known = item.HasField("classification")
    return [
        f"{ticket.connector}:{ticket.external_id}",
        word(ticket, "status"),
        str(about.priority) if known else "",
        f"{about.risk:.2f}" if known else "",
        word(about, "sentiment") if known else "",
        about.category.value,
        ticket.subject,
    ]


def _pages(
    client: SidecarClient, limit: int, filters: dict[str, Any]
) -> tuple[list[ticket_service_pb2.TicketOverview], bool]:
    """Return at most ``limit`` tickets, and whether there are more."""
    from sidecar.v1 import classification_pb2, ticket_pb2, ticket_service_pb2

    request = ticket_service_pb2.ListTicketsRequest(
        category=filters["category"],
        risk_min=filters["risk_min"],
        unattended=filters["unattended"],
        connector=filters["connector"],
        text=filters["text"],
        page_size=min(_PAGE, limit),
        statuses=[
            ticket_pb2.TicketStatus.Value(
                f"TICKET_STATUS_{name.upper().replace('-', '_')}"
            )
            for name in filters["statuses"]
        ],
    )
    if mood := filters["sentiment"]:
        request.sentiment = classification_pb2.Sentiment.Value(
            f"SENTIMENT_{mood.upper()}"
        )
    if severity := filters["severity"]:
        request.severity = classification_pb2.Severity.Value(
            f"SEVERITY_{severity.upper()}"
        )
    found: list[ticket_service_pb2.TicketOverview] = []
    while True:
        page = client.tickets.ListTickets(request)
        found.extend(page.tickets)
        request.page_token = page.next_page_token
        if not request.page_token or len(found) >= limit:
            return found[:limit], bool(request.page_token) or len(found) > limit


@tickets.command("show")
@click.argument("ticket_id", metavar="ID")
@json_option
def show_ticket(ticket_id: str, as_json: bool) -> None:
    """Show one ticket with its conversation and what is known about it.

    ID is our identifier, or CONNECTOR:ID as the helpdesk knows it.

    \b
    Examples:
      deskside tickets show tkt_0123
      deskside tickets show demo:NWH-1001 --json

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    with connect() as client:
        from sidecar.v1 import ticket_service_pb2

        panel = client.tickets.GetTicketPanel(
            ticket_service_pb2.GetTicketPanelRequest(**ticket_key(ticket_id))
        )
    if as_json:
        show_json(panel)
        return
    ticket = panel.ticket
    show_heading(ticket.subject or "(no subject)")
    show_record(
        [
            ("Ticket", f"{ticket.id}  {ticket.connector}:{ticket.external_id}"),
            ("Customer", f"{ticket.customer.name} ({word(ticket.customer, 'tier')})"),
            ("Status", word(ticket, "status")),
            ("Opened", moment(ticket.created_at)),
            ("Tags", ", ".join(ticket.tags)),
        ]
    )
    if panel.HasField("classification"):
        show_classification(panel.classification)
    if panel.HasField("escalation"):
        say(f"Escalated: {escalation_line(panel.escalation)}")
    for message in ticket.messages:
        say()
        kind = "note" if message.internal else word(message.author, "role")
        name = message.author.name or "?"
        show_heading(f"{moment(message.sent_at)}  {name} ({kind})")
        say(message.body)


@tickets.command("export")
@click.argument("ticket_id", metavar="ID")
@click.option(
    "--format", "form", type=click.Choice(("json", "markdown")), default="json"
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False), help="Write to a file."
)
def export_ticket(ticket_id: str, form: str, output: str | None) -> None:
    """Write a conversation out, as JSON for programs or Markdown for people.

    Internal notes are in it: read it before you send it to a customer.

    \b
    Examples:
      deskside tickets export tkt_0123 > ticket.json
      deskside tickets export demo:NWH-1001 --format markdown -o ticket.md

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    with connect() as client:
        from sidecar.v1 import ticket_service_pb2

        key = ticket_key(ticket_id)
        if "external" in key:
            stored = client.tickets.GetTicket(
                ticket_service_pb2.GetTicketRequest(**key)
            )
            ticket_id = stored.ticket.id
        answer = client.tickets.ExportTicket(
            ticket_service_pb2.ExportTicketRequest(
                ticket_id=ticket_id,
                format=ticket_service_pb2.ExportFormat.Value(
                    f"EXPORT_FORMAT_{form.upper()}"
                ),
            )
        )
    if output:
        try:
            Path(output).write_bytes(answer.content)
        except OSError as error:
            raise click.ClickException(
                f"Cannot write {output}: {error.strerror}."
            ) from None
        note(f"Wrote {output}.")
    elif on_terminal():
        say(answer.content.decode())
    else:
        sys.stdout.buffer.write(answer.content)
