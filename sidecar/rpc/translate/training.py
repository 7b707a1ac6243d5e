"""Labelled texts in, trained versions out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sidecar.domain.training import (
    LONGEST_LABEL,
    LONGEST_TEXT,
    MOST_TEXTS,
    LabelledText,
)
from sidecar.errors import invalid
from sidecar.rpc.translate import insight, limits
from sidecar.rpc.translate.tickets import stamp
from sidecar.usecases.train import TrainCommand, Versions
from sidecar.v1 import policy_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.domain.training import ClassifierVersion
    from sidecar.store.port import Job

_BATCH = 500
_MOST_LABELS_A_TEXT = 50


def command(
    parts: Iterator[policy_pb2.TrainClassifierRequest],
) -> tuple[policy_pb2.TrainClassifierHeader, TrainCommand]:
    """Read header and batches; raises as soon as one of them breaks a limit.

    The header that is returned names the request: the digest of the texts takes the
    place of their number.
    """
    first = next(parts, None)
    if first is None or first.WhichOneof("part") != "header":
        raise limits.missing("header")
    header = first.header
    limits.request_id(header.request_id)
    if not 0 <= header.text_count <= MOST_TEXTS:
        raise invalid("header.text_count", f"Must be 0 to {MOST_TEXTS:,}.")
    digest = hashlib.sha256()
    rows: list[LabelledText] = []
    for part in parts:
        if part.WhichOneof("part") != "batch":
            raise invalid("header", "Stands twice.")
        limits.check_count("batch.texts", len(part.batch.texts), _BATCH)
        if len(rows) + len(part.batch.texts) > MOST_TEXTS:
            raise invalid("batch.texts", f"At most {MOST_TEXTS:,} in all.")
        for item in part.batch.texts:
            rows.append(_row(f"texts[{len(rows)}]", item))
            digest.update(repr(rows[-1]).encode("utf-8", "surrogatepass"))
    if header.text_count and header.text_count != len(rows):
        raise invalid("header.text_count", f"{len(rows)} texts came.")
    same = policy_pb2.TrainClassifierHeader()
    same.CopyFrom(header)
    same.text_count = int.from_bytes(digest.digest()[:7], "big")
    return same, TrainCommand(tuple(rows), header.add_missing_labels)


def _row(field: str, item: policy_pb2.LabelledText) -> LabelledText:
    text = limits.text(f"{field}.text", item.text, LONGEST_TEXT, required=True)
    if item.label and item.labels:
        raise invalid(f"{field}.label", "Give label or labels, not both.")
    given = [item.label] if item.label else list(item.labels)
    limits.check_count(f"{field}.labels", len(given), _MOST_LABELS_A_TEXT)
    labels = [
        limits.line(f"{field}.label", label, LONGEST_LABEL, required=True).strip()
        for label in given
    ]
    return LabelledText(text, tuple(dict.fromkeys(labels)))


def started(job: Job) -> policy_pb2.TrainClassifierResponse:
    """Return the queued training."""
    return policy_pb2.TrainClassifierResponse(job=insight.job(job))


def version(request: policy_pb2.ActivateClassifierVersionRequest) -> int:
    """Return the version to use, 0 for none."""
    limits.request_id(request.request_id)
    if request.version < 0:
        raise invalid("version", "Must not be negative.")
    return int(request.version)


def versions(found: Versions) -> policy_pb2.ListClassifierVersionsResponse:
    """Return the trained versions."""
    return policy_pb2.ListClassifierVersionsResponse(versions=_all(found))


def activated(found: Versions) -> policy_pb2.ActivateClassifierVersionResponse:
    """Return the trained versions after the change."""
    return policy_pb2.ActivateClassifierVersionResponse(versions=_all(found))


def _all(found: Versions) -> list[policy_pb2.ClassifierVersion]:
    return [_version(item, found) for item in found.items]


def _version(item: ClassifierVersion, found: Versions) -> policy_pb2.ClassifierVersion:
    return policy_pb2.ClassifierVersion(
        version=item.version,
        active=item.version == found.active,
        usable=item.embedder == found.embedder,
        embedder=item.embedder,
        label_count=item.labels,
        text_count=item.texts,
        report_json=item.report.encode("utf-8"),
        job_id=item.job_id,
        created_at=stamp(item.created_at),
    )
