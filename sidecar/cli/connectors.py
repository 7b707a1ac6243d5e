"""Commands about connectors: set up, try, watch."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from sidecar.v1.connector_pb2 import Connector

MODES = ("off", "shadow", "suggest", "automate")


@click.group()
def connector() -> None:
    """Connect a helpdesk or a chat: set up, test, status, list."""


@connector.command("set")
@click.argument("name")
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--clear", "cleared", multiple=True, help="Remove this setting.")
@json_option
def set_up(
    name: str, settings: Sequence[str], cleared: Sequence[str], as_json: bool
) -> None:
    """Fill in settings of a connector; those not mentioned stay as they are.

    `deskside connector list NAME` says which settings there are and what they mean;
    mode is off, shadow, suggest or automate. A value that begins with @ is read from
    that file, and - from standard input, so that a secret is not in the list of
    processes. Changing a host clears the secrets.

    \b
    Examples:
      deskside connector set zendesk subdomain=acme email=bot@acme.example mode=suggest
      deskside connector set zendesk api_token=@token.txt

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import connector_pb2

    if not settings and not cleared:
        raise click.UsageError("Say what to set: KEY=VALUE")
    values = dict(_pair(item) for item in settings)
    request = connector_pb2.SaveConnectorRequest(
        request_id=uuid.uuid4().hex,
        connector=name,
        settings=values,
        cleared_settings=cleared,
    )
    with connect() as client:
        answer = client.connectors.SaveConnector(request)
    if as_json:
        show_json(answer)
        return
    _show(answer.connector)
    if answer.cleared_secrets:
        names = ", ".join(answer.cleared_secrets)
        note(f"The host changed, so these are to be filled in again: {names}")
    elif not answer.connector.configured:
        missing = [
            s.name for s in answer.connector.settings if s.required and not s.is_set
        ]
        note(f"Still to be filled in: {', '.join(missing)}")


@connector.command("list")
@click.argument("name", default="")
@json_option
def list_all(name: str, as_json: bool) -> None:
    """List every connector, set up or not; with NAME its settings, each explained.

    Of those that are set up it says how they are doing; a connector that fails is
    told by Slack too, unless it is Slack.

    \b
    Examples:
      deskside connector list
      deskside connector list slack

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import connector_pb2

    with connect() as client:
        answer = client.connectors.ListConnectors(connector_pb2.ListConnectorsRequest())
    if name:
        known = {item.connector: item for item in answer.connectors}
        if name not in known:
            raise click.UsageError(f"There is no {name}, but {', '.join(known)}.")
        if as_json:
            show_json(known[name])
        else:
            _explain(known[name])
        return
    if as_json:
        show_json(answer)
        return
    doing = {s.connector: (word(s, "health"), s.message) for s in answer.statuses}
    show_table(
        ["connector", "mode", "set up", "changed", "health", "note"],
        [
            [
                *(item.connector, word(item, "mode")),
                "yes" if item.configured else "no",
                moment(item.updated_at) if item.HasField("updated_at") else "",
                *doing.get(item.connector, ("", "")),
            ]
            for item in answer.connectors
        ],
    )


@connector.command()
@click.argument("name")
@json_option
def test(name: str, as_json: bool) -> None:
    """Let the running connector try its connection; takes up to 10 seconds.

    \b
    Example:
      deskside connector test zendesk

    Exit status: 0 all works, 1 something does not, 2 wrong use.
    """
    from sidecar.v1 import connector_pb2

    request = connector_pb2.TestConnectorRequest(connector=name)
    with connect() as client:
        answer = client.connectors.TestConnector(request)
    if as_json:
        show_json(answer)
    else:
        show_table(
            ["check", "works", "found"],
            [
                [check.name, "yes" if check.ok else "no", check.message]
                for check in answer.checks
            ],
        )
    if not answer.ok:
        click.get_current_context().exit(1)


@connector.command()
@click.argument("name")
@json_option
def status(name: str, as_json: bool) -> None:
    """Show how a connector is doing: last event, lag, errors, limits.

    \b
    Example:
      deskside connector status zendesk

    Exit status: 0 it works or is off, 1 it fails or does not run, 2 wrong use.
    """
    from sidecar.v1 import connector_pb2

    request = connector_pb2.GetConnectorStatusRequest(connector=name)
    with connect() as client:
        found = client.connectors.GetConnectorStatus(request).status
    if as_json:
        show_json(found)
    else:
        limit = found.rate_limit_remaining
        last = moment(found.last_event_at) if found.HasField("last_event_at") else ""
        show_record(
            [
                ("Health", word(found, "health")),
                ("", found.message),
                ("Latest event", last),
                ("Waiting", found.pending_count),
                ("Lag", f"{found.lag.seconds} s"),
                ("Given up", found.dead_count),
                ("Errors in an hour", found.recent_error_count),
                ("Calls left", "unknown" if limit < 0 else limit),
            ]
        )
    failing = (
        connector_pb2.CONNECTOR_HEALTH_FAILING,
        connector_pb2.CONNECTOR_HEALTH_NOT_RUNNING,
    )
    if found.health in failing:
        click.get_current_context().exit(1)


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise click.UsageError(f"Write it as KEY=VALUE: {given.partition('=')[0]}")
    if value == "-":
        return name, sys.stdin.read().strip()
    if value.startswith("@"):
        try:
            return name, Path(value[1:]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise click.UsageError(f"{name}: cannot read {value[1:]}") from None
    return name, value


def _explain(found: Connector) -> None:
    """Show each setting as it stands, and below it what it is."""
    say(f"{found.connector}: {word(found, 'mode')}")
    for item in found.settings:
        state = item.value or ("to be filled in" if item.required else "not set")
        say(f"\n{item.name}: {state}\n    {item.help}")


def _show(found: Connector) -> None:
    say(f"{found.connector}: {word(found, 'mode')}")
    show_table(
        ["setting", "value", "required"],
        [
            [item.name, item.value, "yes" if item.required else ""]
            for item in found.settings
        ],
    )
