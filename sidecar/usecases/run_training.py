"""Do a training that waits: texts in, a new version in use out.

A killed worker's lease runs out and another one starts the training anew, a few times
at most: what it is trained on may be what kills it. The old version stays in use until
the new one is stored, in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sidecar.domain.classification import Taxonomy
from sidecar.domain.ids import new_id
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.domain.training import ClassifierVersion, LabelledText
from sidecar.errors import DesksideError, Reason
from sidecar.llm.trainer_port import Progress, Trained, Trainer, TrainingFailed
from sidecar.store.port import Job
from sidecar.usecases.ports import Ports, StillWanted, always_wanted
from sidecar.usecases.taxonomy import current_taxonomy
from sidecar.usecases.train import TRAIN, labelled_texts, use_version

TRAINING_LEASE = timedelta(seconds=10)
_SAY_EVERY = timedelta(seconds=1)
MOST_ATTEMPTS = 5
_KEPT = 5
_MOST_BYTES = 15_000_000
_SHOWN_EXAMPLES = 3

log = logging.getLogger(__name__)


class _LeaseLost(Exception):
    """The training was cancelled, or somebody else does it now."""


def run_next_training(
    ports: Ports,
    worker: str,
    trainer: Trainer,
    still_wanted: StillWanted = always_wanted,
) -> bool:
    """Take one training and do it; False when there was none.

    ``still_wanted`` raises when the process is to end; another one starts it anew.
    """
    with ports.store.transaction() as tx:
        job = tx.jobs.lease(worker, TRAINING_LEASE, only=TRAIN)
    if job is None:
        return False
    try:
        _run(ports, worker, trainer, job, still_wanted)
    except _LeaseLost:
        log.warning("the training %s was cancelled or taken over", job.id)
    except TrainingFailed as failure:
        _end(ports, worker, replace(job, state="failed", message=str(failure)))
    except DesksideError as error:
        if error.reason is Reason.SHUTTING_DOWN:
            _give_back(ports, worker, job)
        raise  # the database does not answer: the lease runs out, then it is repeated
    except Exception:
        log.exception("the training %s failed", job.id)
        text = "Something unexpected happened; the log has it."
        _end(ports, worker, replace(job, state="failed", message=text))
    return True


def _run(
    ports: Ports, worker: str, trainer: Trainer, job: Job, still_wanted: StillWanted
) -> None:
    with ports.store.reading() as tx:
        rows = labelled_texts(tx.classifiers.texts(job.workspace, job.id))
    if not rows:
        raise TrainingFailed("The texts of this training are gone.")
    if job.attempts > MOST_ATTEMPTS:
        raise TrainingFailed(
            f"It was begun {MOST_ATTEMPTS} times, and each time the process that did"
            " it ended before it; see the log of the sidecar."
        )
    if job.attempts > 1:
        log.warning("the training %s is begun anew (%d)", job.id, job.attempts)

    def say(done: int, total: int, message: str) -> None:
        still_wanted()
        if job.attempts > 1:
            message = f"begun anew, {message}"
        step = replace(job, state="running", done=done, total=total, message=message)
        with ports.store.transaction(durable=False) as tx:
            if not tx.jobs.progress(step, worker, TRAINING_LEASE):
                raise _LeaseLost

    trained = trainer.train(rows, say)
    if trained.embedder != ports.embedder.model:
        raise TrainingFailed("The embedding model changed during the training.")
    if len(trained.content) > _MOST_BYTES:
        raise TrainingFailed("The classifier is too large to be kept: fewer labels.")
    _keep(ports, worker, job, rows, trained, say)


def _keep(
    ports: Ports,
    worker: str,
    job: Job,
    rows: Sequence[LabelledText],
    trained: Trained,
    say: Progress,
) -> None:
    """Store the version and use it, all or nothing; old versions beyond five go."""
    with ports.store.reading() as tx:
        taxonomy = current_taxonomy(tx, job.workspace)
    report = json.loads(trained.report)
    report["categories"] = _categories(ports, taxonomy, rows, say)
    labels = {label for row in rows for label in row.labels}
    now = ports.clock.now()
    done = replace(job, state="done", done=len(rows), total=len(rows), message="")
    with ports.store.transaction() as tx:
        version = tx.classifiers.add(
            job.workspace,
            ClassifierVersion(
                version=0,
                embedder=trained.embedder,
                labels=len(labels),
                texts=len(rows),
                report=json.dumps(report, ensure_ascii=False),
                job_id=job.id,
                digest=hashlib.sha256(trained.content).hexdigest(),
                created_at=now,
                content=trained.content,
            ),
        )
        use_version(tx, job.workspace, version.version)
        for old in tx.classifiers.versions(job.workspace)[_KEPT:]:
            tx.classifiers.delete(job.workspace, old.version)
        tx.classifiers.drop_texts(job.workspace, job.id)
        if not tx.jobs.progress(replace(done, updated_at=now), worker, TRAINING_LEASE):
            raise _LeaseLost
    log.info("classifier version %d of %s is in use", version.version, job.workspace)


def _end(ports: Ports, worker: str, job: Job) -> None:
    with ports.store.transaction() as tx:
        ended = replace(job, updated_at=ports.clock.now())
        # Whoever took it over still needs the texts.
        if tx.jobs.progress(ended, worker, TRAINING_LEASE):
            tx.classifiers.drop_texts(job.workspace, job.id)


def _give_back(ports: Ports, worker: str, job: Job) -> None:
    """Let the next process begin it at once instead of when the lease has run out."""
    waits = replace(job, state="queued", done=0, message="waits for another process")
    with ports.store.transaction() as tx:
        tx.jobs.progress(waits, worker, TRAINING_LEASE)


def _categories(
    ports: Ports, taxonomy: Taxonomy, rows: Sequence[LabelledText], say: Progress
) -> dict[str, str]:
    """Return the category of each label that the taxonomy lacks: where it fits best.

    A thousand labels take longer than the lease: it is renewed in between, and whoever
    stops the training is heard.
    """
    known = {label.name for label in taxonomy.intents}
    examples: dict[str, list[str]] = {}
    for row in rows:
        for label in row.labels:
            shown = examples.setdefault(label, [])
            if label not in known and len(shown) < _SHOWN_EXAMPLES:
                shown.append(row.text[:200])
    missing = {n: texts for n, texts in examples.items() if n not in known}
    plain = replace(taxonomy, trained=None)
    found: dict[str, str] = {}
    told: datetime | None = None
    for label, texts in missing.items():
        now = ports.clock.now()
        # A clock that was set back must not keep it silent either.
        if told is None or abs(now - told) >= _SAY_EVERY:
            say(len(found), len(missing), "finding categories for the new labels")
            told = now
        found[label] = _category(ports, plain, label, texts)
    return found


def _category(ports: Ports, plain: Taxonomy, label: str, texts: Sequence[str]) -> str:
    subject = label.replace("_", " ")
    body = "\n\n".join(texts)
    made = new_id("msg", ports.clock.now())
    message = Message(made, Author(AuthorRole.CUSTOMER), body)
    ticket = Ticket("training", subject, messages=(message,))
    return ports.engine.read(ticket, plain, None).category.value
