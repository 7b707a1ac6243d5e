"""The command that says what happened in a conversation."""

from __future__ import annotations

from typing import Any

import click

from sidecar.cli.assist import TICKET_HELP, found
from sidecar.cli.connection import PATIENT, connect
from sidecar.cli.console import (
    json_option,
    say,
    show_heading,
    show_json,
    show_record,
    word,
)
from sidecar.cli.draft import warning_words
from sidecar.cli.inputs import ticket_from_file

KINDS = ("brief", "handover", "resolution")


@click.command()
@click.argument("file", required=False)
@click.option("--ticket", "ticket_id", default="", help=TICKET_HELP)
@click.option("--kind", type=click.Choice(KINDS), default="brief", show_default=True)
@json_option
def summarize(file: str | None, ticket_id: str, kind: str, as_json: bool) -> None:
    """Say what happened in a conversation and what is to be done.

    FILE is a thread in plain text, or one ticket as JSON as the API takes it; `-` is
    standard input. In a plain thread, lines that begin with `Customer:`, `Agent:` or
    `Note:` begin a message; a name may stand behind, as in `Agent (Ana):`. A thread
    is kept as a ticket of the connector `cli`.

    \b
    Examples:
      deskside summarize thread.txt
      deskside summarize ticket.json --kind handover --json
      deskside summarize --ticket tkt_0123

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    if (file is None) == (not ticket_id):
        raise click.UsageError(
            "Give either FILE (or - for standard input) or --ticket."
        )
    target: dict[str, Any] = {"ticket_id": ticket_id}
    if file is not None:
        target = {"ticket": ticket_from_file(file)}
    with connect() as client:
        from sidecar.v1 import assist_pb2

        answer = client.assist.Summarize(
            assist_pb2.SummarizeRequest(
                kind=assist_pb2.SummaryKind.Value(f"SUMMARY_KIND_{kind.upper()}"),
                **found(client, target),
            ),
            timeout=PATIENT,
        )
    if as_json:
        show_json(answer)
        return
    made = answer.summary
    show_heading(made.headline)
    say()
    actions = [
        f"- {item.text}"
        + (f" ({item.owner})" if item.owner else "")
        + (f" by {item.due.ToDatetime():%Y-%m-%d}" if item.due.seconds else "")
        for item in made.action_items
    ]
    show_record(
        [
            ("Problem", made.problem),
            ("Steps taken", _list(made.steps_taken)),
            ("Open questions", _list(made.open_questions)),
            ("Next steps", _list(made.next_steps)),
            ("To do", "\n".join(actions)),
            ("Resolution", made.resolution),
            ("Mood", word(made, "sentiment_trend")),
            ("Note", "\n".join(warning_words(made))),
            ("Engine", f"{word(made, 'engine')}, {made.model}"),
            ("Ticket", answer.ticket_id),
        ]
    )


def _list(items: Any) -> str:
    return "\n".join(f"- {item}" for item in items)
