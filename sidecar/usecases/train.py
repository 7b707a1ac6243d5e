"""Start a training, list what was trained, choose what is used."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sidecar.domain.access import Principal
from sidecar.domain.classification import Taxonomy
from sidecar.domain.ids import new_id
from sidecar.domain.training import (
    MOST_LABELS,
    ClassifierVersion,
    LabelledText,
)
from sidecar.errors import ChangeStateFirst, LookElsewhere, Reason, invalid
from sidecar.store.port import Job, Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit
from sidecar.usecases.taxonomy import TAXONOMY, current_taxonomy, encode_taxonomy

TRAIN = "train"
_PART_CHARACTERS = 2_000_000
_MOST_CHARACTERS = 200_000_000
_RECENT = 50


@dataclass(frozen=True, slots=True)
class TrainCommand:
    """Labelled texts, and whether labels the taxonomy lacks are allowed."""

    rows: tuple[LabelledText, ...]
    add_missing: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions, newest first; ``active`` is 0 when none is used."""

    items: tuple[ClassifierVersion, ...]
    active: int
    embedder: str


def start_training(
    ports: Ports, caller: Principal, command: TrainCommand, finish: Finish[Job]
) -> Job:
    """Queue a training; the background does it.

    Raises ``MendRequest`` for texts that nothing can be learned from and
    ``ChangeStateFirst(TRAINING_RUNNING)`` while another one waits or runs.
    """
    _check(ports, caller, command)
    now = ports.clock.now()
    total = len(command.rows)
    job = Job(
        new_id("job", now), caller.workspace, TRAIN, "queued", 0, total, "", now, now
    )
    with ports.store.transaction() as tx:
        newest = tx.jobs.newest(caller.workspace, _RECENT)
        if any(j.kind == TRAIN and j.state in ("queued", "running") for j in newest):
            raise ChangeStateFirst(Reason.TRAINING_RUNNING)
        for number, part in enumerate(_parts(command.rows)):
            tx.classifiers.add_texts(caller.workspace, job.id, number, part)
        tx.jobs.add(job)
        audit(tx, ports, caller, "classifier.train", job.id, f"{total} texts")
        finish(tx, job)
    return job


def list_versions(ports: Ports, caller: Principal) -> Versions:
    """Return the trained versions and which one is used."""
    with ports.store.reading() as tx:
        return _versions(tx, ports, caller)


def activate_version(
    ports: Ports, caller: Principal, version: int, finish: Finish[Versions]
) -> Versions:
    """Use another trained version from the next call on, or none (0).

    Raises ``LookElsewhere(CLASSIFIER_NOT_FOUND)``.
    """
    with ports.store.transaction() as tx:
        if version and tx.classifiers.get(caller.workspace, version) is None:
            raise LookElsewhere(Reason.CLASSIFIER_NOT_FOUND)
        use_version(tx, caller.workspace, version)
        audit(tx, ports, caller, "classifier.activate", str(version))
        found = _versions(tx, ports, caller)
        finish(tx, found)
    return found


def use_version(tx: Transaction, workspace: str, version: int) -> None:
    """Point the workspace's taxonomy at a version: every process follows its etag."""
    taxonomy = current_taxonomy(tx, workspace)
    text = encode_taxonomy(replace(taxonomy, trained=None), version)
    tx.policies.put(workspace, TAXONOMY, text, taxonomy.etag)


def labelled_texts(parts: Sequence[bytes]) -> list[LabelledText]:
    """Return what ``start_training`` kept."""
    return [
        LabelledText(text, tuple(labels))
        for part in parts
        for text, labels in json.loads(zlib.decompress(part))
    ]


def _versions(tx: Transaction, ports: Ports, caller: Principal) -> Versions:
    trained = current_taxonomy(tx, caller.workspace).trained
    return Versions(
        tuple(tx.classifiers.versions(caller.workspace)),
        trained.version if trained else 0,
        ports.embedder.model,
    )


def _check(ports: Ports, caller: Principal, command: TrainCommand) -> None:
    labels = {label for row in command.rows for label in row.labels}
    if len(labels) < 2:
        raise invalid("batch.texts", "Needs texts of at least two labels.")
    if len(labels) > MOST_LABELS:
        raise invalid("batch.texts", f"At most {MOST_LABELS:,} labels are allowed.")
    if sum(len(row.text) for row in command.rows) > _MOST_CHARACTERS:
        wanted = f"At most {_MOST_CHARACTERS:,} characters in all."
        raise invalid("batch.texts", wanted)
    if command.add_missing:
        return
    with ports.store.reading() as tx:
        taxonomy = current_taxonomy(tx, caller.workspace)
    if missing := sorted(labels - _names(taxonomy)):
        some = ", ".join(missing[:10])
        raise invalid("batch.texts", f"The taxonomy has no intents {some}.")


def _names(taxonomy: Taxonomy) -> set[str]:
    return {label.name for label in taxonomy.intents}


def _parts(rows: Sequence[LabelledText]) -> list[bytes]:
    """Pack the rows into compressed JSON of a few megabytes each."""
    parts: list[bytes] = []
    part: list[tuple[str, tuple[str, ...]]] = []
    size = 0
    for row in rows:
        part.append((row.text, row.labels))
        size += len(row.text)
        if size > _PART_CHARACTERS:
            parts.append(_packed(part))
            part, size = [], 0
    return [*parts, _packed(part)] if part else parts


def _packed(part: list[tuple[str, tuple[str, ...]]]) -> bytes:
    return zlib.compress(json.dumps(part, ensure_ascii=False).encode("utf-8"))
