"""Train the classifier on labelled texts, list what was trained, choose a version."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import json_option, moment, note, say, show_json, show_table

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1 import common_pb2, policy_pb2

Row = tuple[str, list[str]]

_BATCH = 200
_POLL_SECONDS = 0.5
_SEND_SECONDS = 300.0
_LONGEST_TEXT = 10_000
_LONGEST_LABEL = 100


@click.command()
@click.argument(
    "labels",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--list", "listing", is_flag=True, help="Show the trained versions.")
@click.option(
    "--activate",
    type=click.IntRange(min=0),
    metavar="VERSION",
    help="Use this version; 0: none, read intents from the taxonomy alone.",
)
@click.option(
    "--known-only", is_flag=True, help="Refuse labels that the taxonomy lacks."
)
@click.option(
    "--several",
    is_flag=True,
    help="A text may have several labels, set apart by semicolons, or none.",
)
@click.option("--no-wait", is_flag=True, help="Return as soon as the training waits.")
@json_option
def train(
    labels: Path | None,
    listing: bool,
    activate: int | None,
    known_only: bool,
    several: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Teach the classifier with LABELS, a CSV file with columns text and label.

    The running sidecar trains in the background and uses the new version as soon as
    it is done. The figures come from texts that were left out, one after the other.

    \b
    Examples:
      deskside train tickets.csv
      deskside train --list
      deskside train --activate 2        back to version 2

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    if sum((labels is not None, listing, activate is not None)) != 1:
        raise click.UsageError("Give one of LABELS, --list and --activate.")
    if listing:
        _list(as_json)
    elif activate is not None:
        _activate(activate, as_json)
    elif labels is not None:
        rows = read_rows(labels, several=several)
        _train(rows, known_only=known_only, wait=not no_wait, as_json=as_json)


def read_rows(path: Path, *, several: bool) -> list[Row]:
    """Return texts with their labels; a wrong line is named by its number."""
    rows: list[Row] = []
    csv.field_size_limit(10 * 1024 * 1024)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"text", "label"} <= set(reader.fieldnames or ()):
                raise _wrong(path, 1, "needs the columns text and label")
            rows.extend(
                _row(path, reader.line_num, row, several=several) for row in reader
            )
    except UnicodeDecodeError:
        raise _wrong(path, len(rows) + 2, "is not UTF-8") from None
    except csv.Error as error:
        raise _wrong(path, len(rows) + 2, f"is no CSV: {error}") from None
    if not rows:
        raise _wrong(path, 2, "there are no texts")
    return rows


def _row(path: Path, line: int, row: dict[str, str | None], *, several: bool) -> Row:
    text, label = row["text"], row["label"]
    if text is None or label is None:
        raise _wrong(path, line, "has fewer columns than the first line")
    if not text.strip():
        raise _wrong(path, line, "the text is empty")
    if len(text) > _LONGEST_TEXT:
        raise _wrong(path, line, f"the text is longer than {_LONGEST_TEXT} characters")
    names = label.split(";") if several else [label]
    found = [name.strip() for name in names if name.strip()]
    if not found and not several:
        raise _wrong(path, line, "the label is empty")
    if any(len(name) > _LONGEST_LABEL for name in found):
        wanted = f"a label is longer than {_LONGEST_LABEL} characters"
        raise _wrong(path, line, wanted)
    return text, found


def _wrong(path: Path, line: int, what: str) -> click.ClickException:
    return click.ClickException(f"{path}, line {line}: {what}.")


def _train(rows: list[Row], *, known_only: bool, wait: bool, as_json: bool) -> None:
    from sidecar.v1 import common_pb2

    with connect() as client:
        steps = _requests(rows, known_only=known_only)
        job = client.policies.TrainClassifier(steps, timeout=_SEND_SECONDS).job
        if wait:
            job = _followed(client, job)
    if as_json:
        show_json(job)
    elif job.state == common_pb2.JOB_STATE_SUCCEEDED:
        _show_report(job)
    elif not wait:
        say(f"The training waits as {job.job_id}: deskside train --list shows it.")
    if wait and job.state != common_pb2.JOB_STATE_SUCCEEDED:
        raise click.ClickException(
            job.error_message or "The training did not end well."
        )


def _requests(
    rows: list[Row], *, known_only: bool
) -> Iterator[policy_pb2.TrainClassifierRequest]:
    from sidecar.v1 import policy_pb2

    header = policy_pb2.TrainClassifierHeader(
        add_missing_labels=not known_only, text_count=len(rows)
    )
    yield policy_pb2.TrainClassifierRequest(header=header)
    for start in range(0, len(rows), _BATCH):
        batch = policy_pb2.LabelledTexts(
            texts=[
                policy_pb2.LabelledText(text=text, labels=labels)
                for text, labels in rows[start : start + _BATCH]
            ]
        )
        yield policy_pb2.TrainClassifierRequest(batch=batch)


def _followed(client: SidecarClient, job: common_pb2.Job) -> common_pb2.Job:
    """Wait for the end of the job, its progress on standard error."""
    from sidecar.v1 import common_pb2, insight_pb2

    busy = (common_pb2.JOB_STATE_PENDING, common_pb2.JOB_STATE_RUNNING)
    is_shown = sys.stderr.isatty()
    while job.state in busy:
        time.sleep(_POLL_SECONDS)
        request = insight_pb2.GetJobRequest(job_id=job.job_id)
        job = client.insight.GetJob(request).job
        if is_shown:
            line = f"{job.done} of {job.total} {job.message}"
            click.echo(f"\r{line:<70}", err=True, nl=False)
    if is_shown:
        click.echo("\r" + " " * 70 + "\r", err=True, nl=False)
    return job


def _show_report(job: common_pb2.Job) -> None:
    import json

    report = json.loads(job.result_json)
    say(
        f"Trained on {report['texts']} texts of {report['labels']} labels; in use now."
        f" Of texts left out {report['accuracy']:.1%} are right,"
        f" {report['top_3']:.1%} among the first three (macro-F1"
        f" {report['macro_f1']:.3f}, calibration error {report['ece']:.3f})."
    )
    weakest = sorted(report["by_label"], key=lambda row: row["f1"])[:10]
    show_table(
        ["weakest labels", "texts", "precision", "recall", "f1"],
        [
            [row["label"], row["texts"], row["precision"], row["recall"], row["f1"]]
            for row in weakest
        ],
    )


def _list(as_json: bool) -> None:
    from sidecar.v1 import policy_pb2

    with connect() as client:
        request = policy_pb2.ListClassifierVersionsRequest()
        answer = client.policies.ListClassifierVersions(request)
    _show_versions(answer, as_json)


def _activate(version: int, as_json: bool) -> None:
    from sidecar.v1 import policy_pb2

    with connect() as client:
        request = policy_pb2.ActivateClassifierVersionRequest(version=version)
        answer = client.policies.ActivateClassifierVersion(request)
    _show_versions(answer, as_json)


def _show_versions(
    answer: policy_pb2.ListClassifierVersionsResponse
    | policy_pb2.ActivateClassifierVersionResponse,
    as_json: bool,
) -> None:
    if as_json:
        show_json(answer)
        return
    if not answer.versions:
        note("No classifier was trained yet.")
        return
    show_table(
        ["version", "in use", "labels", "texts", "made", "embedder"],
        [
            [
                *(item.version, "yes" if item.active else ""),
                *(item.label_count, item.text_count, moment(item.created_at)),
                item.embedder if item.usable else f"{item.embedder} (not here: unused)",
            ]
            for item in answer.versions
        ],
    )
