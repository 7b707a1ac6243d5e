"""The command that lets a connector read a helpdesk's past tickets.

Request and progress are one record of the connector, ``backfill``; the connectors
process reads it at its next poll. ``connectors/zendesk/backfill.py`` is the other end.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, say, show_record

if TYPE_CHECKING:
    from sidecar.client import SidecarClient

RECORD = "backfill"
HELPDESKS = ("zendesk",)
"""The connectors that read past tickets."""
_DAYS = 30.5


@click.command()
@click.argument("name")
@click.option(
    "--months", type=click.IntRange(1, 120), help="Begin: read this many months."
)
@click.option("--pause", is_flag=True, help="Stop for now.")
@click.option("--resume", is_flag=True, help="Go on where it stopped.")
@json_option
def backfill(
    name: str, months: int | None, pause: bool, resume: bool, as_json: bool
) -> None:
    """Read past tickets of a helpdesk; nothing is written back.

    They serve to find similar tickets, to train and to replay. The running connector
    reads them between its polls. Without an option this shows how far it is.

    \b
    Examples:
      deskside connector backfill zendesk --months 6
      deskside connector backfill zendesk
      deskside connector backfill zendesk --pause

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    if sum((months is not None, pause, resume)) > 1:
        raise click.UsageError("Give one of --months, --pause and --resume.")
    if name not in HELPDESKS:
        known = ", ".join(HELPDESKS)
        raise click.ClickException(
            f"{name} has no past tickets that this version can read. It reads: {known}."
        )
    with connect() as client:
        found, etag = _read(client, name)
        wanted = _wanted(found, months, pause=pause, resume=resume)
        if wanted is not None:
            _keep(client, name, wanted, etag)
            found = wanted
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)


def _wanted(
    found: dict[str, Any], months: int | None, *, pause: bool, resume: bool
) -> dict[str, Any] | None:
    if months is not None:
        since = datetime.now(UTC) - timedelta(days=months * _DAYS)
        return {"state": "running", "since": since.isoformat(timespec="seconds")}
    if not pause and not resume:
        return None
    if found.get("state") not in ("running", "paused"):
        raise click.ClickException("Nothing is being read. Begin with --months.")
    return {**found, "state": "paused" if pause else "running"}


def _read(client: SidecarClient, name: str) -> tuple[dict[str, Any], str]:
    from sidecar.v1 import connector_pb2

    request = connector_pb2.GetConnectorRecordRequest(connector=name, key=RECORD)
    record = client.connectors.GetConnectorRecord(request).record
    try:
        found = json.loads(record.value or b"{}")
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}, record.etag


def _keep(client: SidecarClient, name: str, value: dict[str, Any], etag: str) -> None:
    from sidecar.v1 import connector_pb2

    record = connector_pb2.ConnectorRecord(
        connector=name, key=RECORD, value=json.dumps(value).encode(), etag=etag
    )
    client.connectors.PutConnectorRecord(
        connector_pb2.PutConnectorRecordRequest(record=record)
    )


def _show(found: dict[str, Any]) -> None:
    if not found:
        say("No past tickets were asked for. Begin with --months.")
        return
    total = found.get("total")
    show_record(
        [
            ("State", found.get("state", "")),
            ("Since", found.get("since", "")),
            ("Read", found.get("done", 0)),
            ("About in all", "not counted yet" if total is None else total),
        ]
    )
