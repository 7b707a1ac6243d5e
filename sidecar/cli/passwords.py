"""A password from the terminal or standard input; never from the command line.

Whatever is written on a command line stands in the list of processes and in the
shell's history, so a value there is refused, and not repeated.
"""

from __future__ import annotations

import getpass
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_ASK, _STANDARD_INPUT = "ask", "-"
_HELP = (
    "Ask for the password, twice and unseen; with - read one line of standard input."
    " At least 12 characters."
)


def password_option(command: Decorated) -> Decorated:
    """Give a command ``--password`` and ``--password -``."""
    return click.option(
        "--password",
        "password_from",
        is_flag=False,
        flag_value=_ASK,
        metavar="[-]",
        callback=_source,
        help=_HELP,
    )(command)


def read_password(source: str | None, email: str) -> str:
    """Return the new password, '' when none was asked for."""
    if source is None:
        return ""
    return _from_standard_input() if source == _STANDARD_INPUT else _typed(email)


def _source(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> str | None:
    if value in (None, _ASK, _STANDARD_INPUT):
        return value
    raise click.UsageError(
        "A password is never written on the command line, where others can read it."
        " Put --password last: it asks for the password; with --password - it reads"
        " one line of standard input."
    )


def _from_standard_input() -> str:
    try:
        given = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError("The password is not UTF-8 text.") from None
    if not given:
        raise click.UsageError("Standard input holds no password.")
    return given


def _typed(email: str) -> str:
    first = _ask(f"Password for {email} (at least 12 characters): ")
    if not first:
        raise click.ClickException("No password was typed; nothing is changed.")
    if _ask("Once more: ") != first:
        raise click.ClickException("The two are not the same; nothing is changed.")
    return first


def _ask(question: str) -> str:
    with warnings.catch_warnings():
        # Where typing would be seen, or there is no terminal at all, it only warns.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (getpass.GetPassWarning, EOFError):
            raise click.UsageError(
                "There is no terminal to ask at: give the password as one line of"
                " standard input, with --password -"
            ) from None
