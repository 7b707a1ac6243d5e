"""Commands about what is set aside because it tries to instruct the engine."""

from __future__ import annotations

import uuid

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import (
    json_option,
    moment,
    one_line,
    say,
    show_json,
    show_table,
    word,
)

STATES = ("held", "released", "discarded")


@click.group()
def quarantine() -> None:
    """List, release or discard what tries to instruct the engine (administrators)."""


@quarantine.command("list")
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Only these; none means held.",
)
@json_option
def list_all(states: tuple[str, ...], as_json: bool) -> None:
    """Show what is set aside, newest first, with the words that look like orders.

    \b
    Examples:
      deskside quarantine list
      deskside quarantine list --state released --json

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import policy_pb2

    wanted = [
        policy_pb2.QuarantineState.Value(f"QUARANTINE_STATE_{state.upper()}")
        for state in states
    ]
    request = policy_pb2.ListQuarantineRequest(page_size=200, states=wanted)
    with connect() as client:
        answer = client.policies.ListQuarantine(request)
    if as_json:
        show_json(answer)
        return
    show_table(
        ["item_id", "state", "found", "sure", "where", "note"],
        [
            [
                *(item.item_id, word(item, "state"), moment(item.created_at)),
                *(f"{item.confidence:.2f}", item.ticket_id or item.document_id),
                one_line(item.excerpt, 100),
            ]
            for item in answer.items
        ],
    )


@quarantine.command()
@click.argument("item_id")
@json_option
def release(item_id: str, as_json: bool) -> None:
    """Let something be used again: drafts are written from it, searches show it.

    \b
    Example:
      deskside quarantine release qrn_0123

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    from sidecar.v1 import policy_pb2

    request = policy_pb2.ReleaseQuarantinedRequest(
        request_id=str(uuid.uuid4()), item_id=item_id
    )
    with connect() as client:
        answer = client.policies.ReleaseQuarantined(request)
    if as_json:
        show_json(answer)
    else:
        say(f"{item_id} is released.")


@quarantine.command()
@click.argument("item_id")
@json_option
def discard(item_id: str, as_json: bool) -> None:
    """Throw something away for good: nothing reads it any more.

    \b
    Example:
      deskside quarantine discard qrn_0123

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    from sidecar.v1 import policy_pb2

    request = policy_pb2.DiscardQuarantinedRequest(
        request_id=str(uuid.uuid4()), item_id=item_id
    )
    with connect() as client:
        answer = client.policies.DiscardQuarantined(request)
    if as_json:
        show_json(answer)
    else:
        say(f"{item_id} is discarded.")
