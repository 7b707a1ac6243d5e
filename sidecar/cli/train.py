"""Train the classifier on labelled texts, list what was trained, choose a version."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sidecar.cli.connection import connect
from sidecar.cli.console import (
    json_option,
    moment,
    note,
    one_line,
    say,
    show_json,
    show_table,
    word,
)
from sidecar.cli.labels import Row, read_rows

if TYPE_CHECKING:
    from sidecar.client import SidecarClient
    from sidecar.v1 import common_pb2, policy_pb2

_BATCH = 200
_POLL_SECONDS = 0.5
_SEND_SECONDS = 300.0
_FEW_TEXTS = 5


@click.command()
@click.argument(
    "labels",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--list", "listing", is_flag=True, help="Show the trained versions.")
@click.option("--cancel", is_flag=True, help="Stop the training that waits or runs.")
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
    cancel: bool,
    activate: int | None,
    known_only: bool,
    several: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Teach the classifier from a CSV file of labelled texts.

    LABELS has the columns text and label; others do no harm. The running sidecar
    trains in the background and uses the new version as soon as it is done, in every
    process. The figures come from texts that were left out, one after the other. Ten
    texts a label are a start, fifty are good.

    \b
    Examples:
      deskside train tickets.csv
      deskside train --list              versions, and what trains just now
      deskside train --activate 2        back to version 2
      deskside train --cancel            stop the one that runs

    Exit status: 0 done, 1 failed, 2 wrong use.
    """
    if sum((labels is not None, listing, cancel, activate is not None)) != 1:
        raise click.UsageError("Give one of LABELS, --list, --activate and --cancel.")
    if listing:
        _list(as_json)
    elif cancel:
        _cancel(as_json)
    elif activate is not None:
        _activate(activate, as_json)
    elif labels is not None:
        rows = read_rows(labels, several=several)
        _train(rows, known_only=known_only, wait=not no_wait, as_json=as_json)


def _train(rows: list[Row], *, known_only: bool, wait: bool, as_json: bool) -> None:
    from sidecar.v1 import common_pb2

    with connect() as client:
        steps = _requests(rows, known_only=known_only)
        job = client.policies.TrainClassifier(steps, timeout=_SEND_SECONDS).job
        if wait:
            try:
                job = _followed(client, job)
            except KeyboardInterrupt:
                note("\nThe training goes on; deskside train --cancel stops it.")
                raise
    if as_json:
        show_json(job)
    elif job.state == common_pb2.JOB_STATE_SUCCEEDED:
        _show_report(job)
    elif not wait:
        say(f"The training waits as {job.job_id}: deskside train --list shows it.")
    if wait and job.state != common_pb2.JOB_STATE_SUCCEEDED:
        why = job.error_message or f"The training is {word(job, 'state')}."
        raise click.ClickException(f"{why} The version in use is as it was.")


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
    told = ""
    while job.state in busy:
        time.sleep(_POLL_SECONDS)
        request = insight_pb2.GetJobRequest(job_id=job.job_id)
        job = client.insight.GetJob(request).job
        if is_shown and job.state in busy:
            line = one_line(_progress(job), 78)
            click.echo(f"\r{line:<78}", err=True, nl=False)
        elif job.message and job.message != told:
            # In a pipe or a log a line for each step is enough.
            told = job.message
            note(told)
    if is_shown:
        click.echo("\r" + " " * 78 + "\r", err=True, nl=False)
    return job


def _progress(job: common_pb2.Job) -> str:
    from sidecar.v1 import common_pb2

    if job.state == common_pb2.JOB_STATE_PENDING:
        return "waits for its turn"
    return f"{job.message or 'starting'} ({job.done:,} of {job.total:,})"


def _unfinished(client: SidecarClient) -> common_pb2.Job | None:
    """Return the training that waits or runs."""
    from sidecar.v1 import common_pb2, insight_pb2

    busy = (common_pb2.JOB_STATE_PENDING, common_pb2.JOB_STATE_RUNNING)
    found = client.insight.ListJobs(insight_pb2.ListJobsRequest(page_size=50)).jobs
    trainings = (job for job in found if job.kind == common_pb2.JOB_KIND_TRAIN)
    return next((job for job in trainings if job.state in busy), None)


def _cancel(as_json: bool) -> None:
    from sidecar.v1 import insight_pb2

    with connect() as client:
        job = _unfinished(client)
        if job is None:
            raise click.ClickException("No training waits or runs.")
        request = insight_pb2.CancelJobRequest(job_id=job.job_id)
        job = client.insight.CancelJob(request).job
    if as_json:
        show_json(job)
    else:
        say(f"The training {job.job_id} is {word(job, 'state')}.")


def _show_report(job: common_pb2.Job) -> None:
    import json

    report = json.loads(job.result_json)
    say(
        f"Trained on {report['texts']} texts of {report['labels']} labels; in use now."
        f" Of texts left out {report['accuracy']:.1%} are right,"
        f" {report['top_3']:.1%} among the first three (macro-F1"
        f" {report['macro_f1']:.3f}, calibration error {report['ece']:.3f})."
    )
    thin = sum(row["texts"] < _FEW_TEXTS for row in report["by_label"])
    if thin:
        note(
            f"{thin} labels have fewer than {_FEW_TEXTS} texts: little can be learned"
            " from them, and their figures are guesses."
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
        job = None if as_json else _unfinished(client)
    _show_versions(answer, as_json)
    if job:
        note(f"Training now ({job.job_id}): {_progress(job)}")


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
