"""The command ``budget``: what language models may cost a workspace, and did."""

from __future__ import annotations

from typing import Any

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, show_json, show_record

_MICROS = 1_000_000


@click.group()
def budget() -> None:
    """Show or set what language models may cost.

    At a limit the local engine does the work; nothing fails. 0 means no limit.
    """


@budget.command()
@json_option
def show(as_json: bool) -> None:
    """Show the limits and what this day and month (UTC) have cost.

    \b
    Example:
      deskside budget show

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import policy_pb2

    with connect() as client:
        found = client.policies.GetBudget(policy_pb2.GetBudgetRequest()).budget
    _show(found, as_json)


@budget.command(name="set")
@click.option("--monthly", type=click.FloatRange(0, 10**9), help="US dollars a month.")
@click.option("--daily", type=click.FloatRange(0, 10**9), help="US dollars a day.")
@json_option
def set_limits(monthly: float | None, daily: float | None, as_json: bool) -> None:
    """Set limits in US dollars; one that is not given stays, 0 takes it away.

    \b
    Example:
      deskside budget set --monthly 50 --daily 5

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.v1 import policy_pb2

    if monthly is None and daily is None:
        raise click.UsageError("Say --monthly, --daily or both.")
    with connect() as client:
        found = client.policies.GetBudget(policy_pb2.GetBudgetRequest()).budget
        if monthly is not None:
            found.monthly_limit_micros_usd = round(monthly * _MICROS)
        if daily is not None:
            found.daily_limit_micros_usd = round(daily * _MICROS)
        request = policy_pb2.UpdateBudgetRequest(budget=found)
        found = client.policies.UpdateBudget(request).budget
    _show(found, as_json)


def _show(found: Any, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    show_record(
        [
            ("Month", _of(found.month_cost_micros_usd, found.monthly_limit_micros_usd)),
            ("Day", _of(found.day_cost_micros_usd, found.daily_limit_micros_usd)),
            ("Used up", "yes: the local engine works" if found.exhausted else ""),
        ]
    )


def _of(cost: int, limit: int) -> str:
    allowed = f"{limit / _MICROS:.2f} USD" if limit else "no limit"
    return f"{cost / _MICROS:.4f} USD of {allowed}"
