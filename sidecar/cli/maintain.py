"""Commands of an operator that open the store themselves: migrate, doctor."""

from __future__ import annotations

import click

from sidecar.cli.console import clean, json_option, say, show_json
from sidecar.cli.operator import operator_settings

MARKS = {"ok": "✓", "warn": "!", "bad": "✗"}
_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the database to this version's schema.

    The sidecar does this itself when it starts; run it before, where many machines
    share one database. Running it again changes nothing; one that was killed half
    way is finished.

    \b
    Example:
      deskside migrate

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    from sidecar.bootstrap import make_private_folder
    from sidecar.store.database import parse
    from sidecar.store.migrate import HEAD, upgrade

    settings = operator_settings()
    make_private_folder(settings.data_dir)
    upgrade(parse(settings.effective_database_url))
    if as_json:
        show_json({"revision": HEAD})
    else:
        say(f"The database is at revision {HEAD}.")


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Find what is missing or wrong, what it costs and what to do.

    ✓ is well, ! works with less, ✗ is broken. Changes nothing.

    \b
    Examples:
      deskside doctor
      deskside doctor --json

    Exit status: 0 nothing is broken, 1 something is, 2 wrong use.
    """
    from sidecar.cli.checks import examine

    findings = examine()
    broken = any(finding.state == "bad" for finding in findings)
    if as_json:
        rows = [
            {
                "check": finding.check,
                "state": finding.state,
                "message": finding.message,
                "advice": finding.advice,
            }
            for finding in findings
        ]
        show_json({"healthy": not broken, "findings": rows})
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            mark = click.style(MARKS[finding.state], fg=_COLOURS[finding.state])
            # click removes the colour again where there is no terminal.
            click.echo(f"{mark} {finding.check:<{width}}  {clean(finding.message)}")
            if finding.advice:
                click.echo(f"  {'':<{width}}  → {clean(finding.advice)}")
    if broken:
        click.get_current_context().exit(1)
