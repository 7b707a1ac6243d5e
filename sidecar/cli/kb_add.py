"""The command that teaches: files and folders to knowledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, note, say, show_json
from sidecar.cli.progress import progress_bar
from sidecar.cli.upload import Options, Outcome, find_files, send

RESULTS = ("added", "updated", "unchanged", "failed")
VISIBILITIES = ("public", "internal")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--source", default="", help="Collection, used by filters. [upload]")
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    help="public may be cited to customers. [internal]",
)
@click.option("--language", default="", help="BCP 47 tag. [recognised]")
@click.option("--tags", default="", help="Separated by commas.")
@click.option(
    "--recursive/--no-recursive", default=True, help="Folders in folders. [yes]"
)
@json_option
def add(
    paths: tuple[str, ...],
    source: str,
    visibility: str | None,
    language: str,
    tags: str,
    recursive: bool,
    as_json: bool,
) -> None:
    """Add files, or all files of a folder that can be read.

    A file that is there already is replaced; an unchanged one is skipped. The head of
    a Markdown file may say title, source, url, visibility, language, tags and
    valid_until; an option given here wins over it. At most 10 MB each.

    \b
    Examples:
      deskside kb add handbook/ --visibility public --source handbook
      deskside kb add refunds.pdf terms.docx --tags billing,legal
      deskside kb add handbook/ --json

    Exit status: 0 all files are there, 1 at least one failed, 2 wrong use.
    """
    files = find_files(paths, recursive=recursive)
    labels = tuple(tag.strip() for tag in tags.split(",") if tag.strip())
    options = Options(source, visibility or "", language, labels)
    outcomes: list[Outcome] = []
    with connect() as client, progress_bar(len(files), "Adding") as progress:
        for file in files:
            outcomes.append(send(client, file, options))
            progress.step(file.path.name)
    if as_json:
        show_json(_as_json(outcomes))
    else:
        _report(outcomes)
    if any(outcome.result == "failed" for outcome in outcomes):
        click.get_current_context().exit(1)


def _as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    counts = Counter(outcome.result for outcome in outcomes)
    return {name: counts[name] for name in RESULTS} | {
        "documents": [
            {
                "path": str(outcome.path),
                "result": outcome.result,
                "document_id": outcome.document.document_id if outcome.document else "",
                "title": outcome.document.title if outcome.document else "",
                "passage_count": outcome.document.passage_count
                if outcome.document
                else 0,
                "reason": outcome.reason,
                "error": outcome.error,
            }
            for outcome in outcomes
        ]
    }


def _report(outcomes: Sequence[Outcome]) -> None:
    counts = Counter(outcome.result for outcome in outcomes)
    parts = [f"{counts[name]} {name}" for name in RESULTS if counts[name]]
    say(f"{len(outcomes)} files: {', '.join(parts) or 'nothing to add'}.")
    for outcome in outcomes:
        if outcome.result == "failed":
            note(f"failed: {outcome.path}: {outcome.error} ({outcome.reason})")
