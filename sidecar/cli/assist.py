"""Commands that think about one ticket: classify, similar, escalate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sidecar.cli.connection import PATIENT, connect
from sidecar.cli.console import (
    json_option,
    moment,
    one_line,
    say,
    show_json,
    show_record,
    show_table,
    word,
)
from sidecar.cli.inputs import read_text, ticket_of

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1 import classification_pb2, escalation_pb2, ticket_pb2

TICKET_HELP = "A stored ticket: our id, or CONNECTOR:ID of the helpdesk."
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def target_options(command: Decorated) -> Decorated:
    """Give a command its ticket: TEXT, ``-`` or ``--ticket ID``."""
    for decorate in (
        click.option("--subject", default="", help="Subject line to go with TEXT."),
        click.option("--ticket", "ticket_id", default="", help=TICKET_HELP),
        click.argument("text", required=False),
    ):
        command = decorate(command)
    return command


def target_of(text: str | None, ticket_id: str, subject: str) -> dict[str, Any]:
    """Return the request's ``ticket`` or ``ticket_id``; exactly one must be given."""
    if (text is None) == (not ticket_id):
        raise click.UsageError(
            "Give either TEXT (or - for standard input) or --ticket."
        )
    if ticket_id:
        return {"ticket_id": ticket_id}
    return {"ticket": inline_ticket(text or "", subject)}


def found(client: SidecarClient, target: dict[str, Any]) -> dict[str, Any]:
    """Return the target with our identifier where the helpdesk's was given."""
    name = target.get("ticket_id", "")
    if ":" not in name:
        return target
    from sidecar.v1 import ticket_service_pb2

    request = ticket_service_pb2.GetTicketRequest(**ticket_key(name))
    return {"ticket_id": client.tickets.GetTicket(request).ticket.id}


def ticket_key(name: str) -> dict[str, Any]:
    """Return the request's key for our id or for ``CONNECTOR:VENDOR_ID``."""
    from sidecar.v1 import ticket_service_pb2

    connector, colon, external_id = name.partition(":")
    if not colon:
        return {"ticket_id": name}
    key = ticket_service_pb2.ExternalTicketKey(
        connector=connector, external_id=external_id
    )
    return {"external": key}


def inline_ticket(text: str, subject: str) -> ticket_pb2.Ticket:
    """Return the ticket that TEXT or standard input stands for."""
    return ticket_of(read_text(text), subject)


@click.command()
@target_options
@json_option
def classify(text: str | None, ticket_id: str, subject: str, as_json: bool) -> None:
    """Say what a ticket is about and how much it matters.

    Prints category, intent, mood, severity, priority 1..10 and risk 0..1, each with
    the reasons found in the text. The text is kept as a ticket of the connector
    `cli`; the same text is the same ticket. An escalation is raised when a rule says
    so.

    \b
    Examples:
      deskside classify "I was charged twice and nobody answers!"
      deskside classify --ticket tkt_0123 --json
      deskside classify - < mail.txt

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    target = target_of(text, ticket_id, subject)
    with connect() as client:
        from sidecar.v1 import assist_pb2

        answer = client.assist.Classify(
            assist_pb2.ClassifyRequest(**found(client, target)), timeout=PATIENT
        )
    if as_json:
        show_json(answer)
        return
    show_classification(answer.classification)
    if answer.HasField("escalation"):
        say(f"Escalated: {escalation_line(answer.escalation)}")
    say(f"Ticket {answer.ticket_id}")


def show_classification(found: classification_pb2.Classification) -> None:
    """Print a classification with its reasons."""
    show_record(
        [
            ("Category", prediction_line(found.category)),
            ("Intent", prediction_line(found.intent)),
            ("Mood", word(found, "sentiment")),
            ("Severity", word(found, "severity")),
            ("Priority", f"{found.priority} of 10"),
            ("Risk", f"{found.risk:.2f}{'  look now' if found.risk > 0.7 else ''}"),
            ("Language", found.language),
            ("Team", found.team),
            ("Why", "\n".join(reason.text for reason in found.reasons)),
            ("Engine", f"{word(found, 'engine')}, {found.model}"),
        ]
    )


def prediction_line(found: classification_pb2.Prediction) -> str:
    """Return a predicted value with its confidence and the other candidates."""
    others = ", ".join(
        f"{other.value} {other.confidence:.0%}"
        for other in found.alternatives
        if other.value != found.value
    )
    if word(found, "decision") == "abstain":
        return f"not sure (candidates: {others or 'none'})"
    rest = f"; else {others}" if others else ""
    return f"{found.value} ({found.confidence:.0%}, {word(found, 'decision')}{rest})"


def escalation_line(found: escalation_pb2.Escalation) -> str:
    """Return an escalation on one line."""
    why = "; ".join(reason.text for reason in found.reasons)
    state = word(found, "state")
    return f"{found.escalation_id}, level {found.level}, {state}: {why}"


@click.command()
@target_options
@click.option("--top", "-n", default=5, type=click.IntRange(1, 50), show_default=True)
@json_option
def similar(
    text: str | None, ticket_id: str, subject: str, top: int, as_json: bool
) -> None:
    """Find stored tickets about the same thing, with what solved them.

    The text is not stored. Personal data in the results is blacked out.

    \b
    Examples:
      deskside similar "the badge reader shows E-57"
      deskside similar --ticket demo:NWH-1001 --top 3 --json

    Exit status: 0 done (also when nothing is similar), 1 failed, 2 wrong use.
    """
    target = target_of(text, ticket_id, subject)
    with connect() as client:
        from sidecar.v1 import ticket_service_pb2

        answer = client.tickets.FindSimilarTickets(
            ticket_service_pb2.FindSimilarTicketsRequest(
                top_k=top, **found(client, target)
            ),
            timeout=PATIENT,
        )
    if as_json:
        show_json(answer)
    elif not answer.tickets:
        say("Nothing similar is stored.")
    else:
        show_table(
            ["score", "ticket", "status", "opened", "subject", "resolution"],
            [
                [
                    f"{item.score:.2f}",
                    f"{item.connector}:{item.external_id}",
                    *(word(item, "status"), moment(item.created_at)),
                    *(item.subject, one_line(item.resolution, 120)),
                ]
                for item in answer.tickets
            ],
        )


@click.command()
@target_options
@click.option("--level", default=1, type=click.IntRange(1, 9), show_default=True)
@click.option("--reason", default="", help="Why, in your words; shown to the team.")
@json_option
def escalate(
    text: str | None,
    ticket_id: str,
    subject: str,
    level: int,
    reason: str,
    as_json: bool,
) -> None:
    """Raise an escalation by hand, or show the open one.

    TEXT is kept as a ticket of the connector `cli`.

    \b
    Examples:
      deskside escalate --ticket tkt_0123 --reason "called twice, no answer"
      deskside escalate "Our whole site is down" --level 2

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    target = target_of(text, ticket_id, subject)
    with connect() as client:
        from sidecar.v1 import assist_pb2

        answer = client.assist.Escalate(
            assist_pb2.EscalateRequest(
                level=level, reason=reason, **found(client, target)
            ),
            timeout=PATIENT,
        )
    if as_json:
        show_json(answer)
        return
    verb = "Raised" if answer.created else "Open already"
    say(f"{verb}: {escalation_line(answer.escalation)}")
