"""Commands about the running sidecar as a whole: status, and the sample data."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import (
    json_option,
    moment,
    note,
    say,
    show_json,
    show_record,
    show_table,
    word,
)


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show how the sidecar is doing: parts, connectors, jobs.

    \b
    Example:
      deskside status --json

    Exit status: 0 all parts work, 1 one is down or nothing answers, 2 wrong use.
    """
    from sidecar.v1 import insight_pb2

    with connect() as client:
        answer = client.insight.GetStatus(insight_pb2.GetStatusRequest())
    down = insight_pb2.COMPONENT_HEALTH_DOWN
    if as_json:
        show_json(answer)
    else:
        show_record(
            [
                ("Version", answer.version),
                ("Running since", moment(answer.started_at)),
                ("Engine", word(answer, "engine")),
                ("Documents", answer.document_count),
                ("Passages", answer.passage_count),
                ("Tickets", answer.ticket_count),
                ("Writing", "paused" if answer.writing_paused else ""),
            ]
        )
        show_table(
            ["part", "health", "what", "version", "note"],
            [
                [
                    *(part.name, word(part, "health"), part.implementation),
                    *(part.version, part.message),
                ]
                for part in answer.components
            ],
        )
        if answer.connectors:
            show_table(
                ["connector", "health", "waiting", "given up", "note"],
                [
                    [
                        *(item.connector, word(item, "health"), item.pending_count),
                        *(item.dead_count, item.message),
                    ]
                    for item in answer.connectors
                ],
            )
        for job in answer.jobs:
            say(f"job {job.job_id}: {word(job, 'kind')}, {job.done}/{job.total}")
    if any(part.health == down for part in answer.components):
        click.get_current_context().exit(1)


@click.command()
@json_option
def seed(as_json: bool) -> None:
    """Send the sample data: 65 articles, 88 tickets, all invented.

    Repeating it changes nothing. `deskside up --demo` does this by itself.

    \b
    Example:
      deskside seed

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.cli import demo_vendors, sample

    data_dir = Path(os.environ.get("DESKSIDE_DATA_DIR") or "./.deskside")
    with connect() as client:
        if sample.is_seeded(client, data_dir):
            counts = {"documents": 0, "tickets": 0}
            text = "The sample data is there already."
        else:
            counts = sample.seed_sample(client, data_dir, note)
            text = "The sample data is there."
        # Afterwards: the sample's own escalations would come as one long alarm.
        demo_vendors.set_up(client)
    if as_json:
        show_json({"sent": counts})
    else:
        say(text)
