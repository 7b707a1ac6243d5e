"""Commands about events that were given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import (
    json_option,
    moment,
    note,
    say,
    show_json,
    show_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.v1.event_pb2 import DeadLetterFilter


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--reason", default="", help="Only with this reason."),
        click.option("--type", "kind", default="", help="Only events of this type."),
        click.option("--subscriber", default="", help="Only of this subscriber."),
    ):
        command = option(command)
    return command


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at events that were given up; replay or discard them."""


@dead_letters.command("list")
@_filters
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
def list_all(
    subscriber: str, kind: str, reason: str, limit: int, as_json: bool
) -> None:
    """List what was given up, newest first.

    \b
    Example:
      deskside dead-letters list --subscriber zendesk

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import event_pb2

    request = event_pb2.ListDeadLettersRequest(
        page_size=limit, filter=_where(subscriber, kind, reason)
    )
    with connect() as client:
        answer = client.events.ListDeadLetters(request)
    if as_json:
        show_json(answer)
        return
    show_table(
        ["delivery", "type", "attempts", "reason", "given up", "what"],
        [
            [
                *(item.delivery_id, item.event.type, str(item.attempts)),
                *(item.error_reason, moment(item.died_at), item.error_message[:60]),
            ]
            for item in answer.dead_letters
        ],
    )
    if answer.next_page_token:
        note("There are more; narrow it down or ask with --limit 200.")


@dead_letters.command()
@click.argument("delivery_ids", nargs=-1)
@_filters
@click.option("--all", "everything", is_flag=True, help="All that fit the options.")
@json_option
def replay(
    delivery_ids: Sequence[str],
    subscriber: str,
    kind: str,
    reason: str,
    everything: bool,
    as_json: bool,
) -> None:
    """Give dead events another chance, under the same ids.

    \b
    Examples:
      deskside dead-letters replay evt_0123.zendesk
      deskside dead-letters replay --all --subscriber slack

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    from sidecar.v1 import event_pb2

    chosen = _chosen(delivery_ids, subscriber, kind, reason, everything)
    request = event_pb2.ReplayDeadLettersRequest(request_id=uuid.uuid4().hex, **chosen)
    with connect() as client:
        answer = client.events.ReplayDeadLetters(request)
    if as_json:
        show_json(answer)
    else:
        say(f"{answer.replayed_count} are on the road again.")
    _check_all_there(delivery_ids, answer.replayed_count)


@dead_letters.command()
@click.argument("delivery_ids", nargs=-1)
@_filters
@click.option("--all", "everything", is_flag=True, help="All that fit the options.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def discard(
    delivery_ids: Sequence[str],
    subscriber: str,
    kind: str,
    reason: str,
    everything: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Throw dead events away for good.

    \b
    Example:
      deskside dead-letters discard evt_0123.zendesk

    Exit status: 0 done, 1 failed (also: not there), 2 wrong use.
    """
    from sidecar.v1 import event_pb2

    chosen = _chosen(delivery_ids, subscriber, kind, reason, everything)
    if not yes:
        click.confirm("They cannot be brought back. Go on?", abort=True, err=True)
    request = event_pb2.DiscardDeadLettersRequest(request_id=uuid.uuid4().hex, **chosen)
    with connect() as client:
        answer = client.events.DiscardDeadLetters(request)
    if as_json:
        show_json(answer)
    else:
        say(f"{answer.discarded_count} are gone.")
    _check_all_there(delivery_ids, answer.discarded_count)


def _check_all_there(delivery_ids: Sequence[str], count: int) -> None:
    named = set(delivery_ids)
    if count >= len(named):
        return
    if len(named) == 1:
        what = f"{delivery_ids[0]} is not there"
    else:
        what = f"{len(named) - count} of {len(named)} are not there"
    raise click.ClickException(f"{what}. See: deskside dead-letters list")


def _where(subscriber: str, kind: str, reason: str) -> DeadLetterFilter:
    from sidecar.v1 import event_pb2

    return event_pb2.DeadLetterFilter(
        subscriber=subscriber, type=kind, error_reason=reason
    )


def _chosen(
    delivery_ids: Sequence[str],
    subscriber: str,
    kind: str,
    reason: str,
    everything: bool,
) -> dict[str, Any]:
    from sidecar.v1 import event_pb2

    if bool(delivery_ids) == everything:
        raise click.UsageError("Name deliveries, or say --all.")
    if delivery_ids:
        return {"ids": event_pb2.DeadLetterIds(delivery_ids=delivery_ids)}
    return {"filter": _where(subscriber, kind, reason)}
