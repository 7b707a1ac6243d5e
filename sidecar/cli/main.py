"""The command ``deskside``: every subcommand, and one way to fail.

Nothing heavy is imported here or at the top of a command's file: ``deskside --help``
answers at once, and a client command never loads the database or the model.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from sidecar.cli import (
    assist,
    backfill,
    budget,
    connectors,
    dead_letters,
    draft,
    evaluate,
    insight,
    keys,
    knowledge,
    maintain,
    members,
    quarantine,
    serve,
    summarize,
    tickets,
    train,
    up,
)

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Run it": (up.up, serve.sidecar, serve.panel, serve.connectors),
    "Use it (the sidecar must be running)": (
        assist.classify,
        draft.draft,
        summarize.summarize,
        assist.similar,
        assist.escalate,
        knowledge.kb,
        tickets.tickets,
        quarantine.quarantine,
        train.train,
        insight.seed,
        insight.status,
        budget.budget,
        connectors.connector,
        members.members,
        dead_letters.dead_letters,
    ),
    "Look after it (on the sidecar's own machine)": (
        maintain.doctor,
        keys.keys,
        maintain.migrate,
        evaluate.evaluate,
    ),
}


class Front(click.Group):
    """The top group; lists its commands by what they are for."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has gone, as ``| head`` does, is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_left()

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write one block of commands for each section."""
        del ctx
        width = max(len(name) for name in self.commands)
        for title, commands in SECTIONS.items():
            rows = [
                (str(command.name).ljust(width), command.get_short_help_str(66))
                for command in commands
            ]
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(cls=Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deskside", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show where an unexpected error arose.")
def deskside(debug: bool) -> None:
    """Stand beside the helpdesk you have.

    Deskside classifies tickets, finds and drafts answers with their sources,
    summarises conversations, and raises an alarm when one is due.

    \b
    Start here:
      deskside up --demo                 a demo on this machine
      deskside kb add handbook/          teach it what your team knows
      deskside draft "How do I ...?"     an answer from that knowledge
      deskside COMMAND --help            what, when, an example

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    del debug  # read from the arguments, so that it counts for errors anywhere


connectors.connector.add_command(backfill.backfill)
for _commands in SECTIONS.values():
    for _command in _commands:
        deskside.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    status = run(given)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = _reader_left()
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; nothing escapes but bugs' reports."""
    try:
        result = deskside.main(list(arguments), "deskside", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return WRONG_USE
    except click.ClickException as error:
        error.show()
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _explain(error, debug="--debug" in arguments)
    return result if isinstance(result, int) else DONE


def _explain(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
        return FAILED
    for line in _expected(error):
        click.echo(line, err=True)
    return FAILED


def _expected(error: Exception) -> list[str]:
    """Return what a person should read about this error."""
    # An exception's own module is loaded already, so these imports cost nothing.
    if type(error).__name__ == "SidecarError":
        from sidecar.cli.connection import describe_refusal

        return describe_refusal(error)
    if type(error).__module__ == "sidecar.errors":
        from sidecar.cli.operator_errors import describe_failure

        return describe_failure(error)
    descriptor, log = tempfile.mkstemp(prefix="deskside-error-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(error))
    return [
        f"Error: something unexpected happened ({type(error).__name__}).",
        f"Where it arose is in {log}; --debug shows it here.",
    ]


def _reader_left() -> int:
    # Python would complain when it flushes at the end, so its standard output leads
    # nowhere from here on.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return DONE


if __name__ == "__main__":
    main()
