"""Trained classifiers and the texts that wait for a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, delete, func, select

from sidecar.domain.training import ClassifierVersion
from sidecar.store.context import Context, Record
from sidecar.store.tables import classifiers as t
from sidecar.store.tables import training_texts as x

_OWN = t.c.workspace == bindparam("of")
_THIS = _OWN & (t.c.version == bindparam("number"))
_HEADS = [column for column in t.c if column.name != "content"]
_GET = select(t).where(_THIS)
_OF_JOB = select(*_HEADS).where(_OWN, t.c.job_id == bindparam("job"))
_VERSIONS = select(*_HEADS).where(_OWN).order_by(t.c.version.desc())
_NEWEST = select(func.max(t.c.version)).where(_OWN)
_DELETE = delete(t).where(_THIS)
_OF_TRAINING = (x.c.workspace == bindparam("of")) & (x.c.job_id == bindparam("job"))
_TEXTS = select(x.c.content).where(_OF_TRAINING).order_by(x.c.part)
_DROP = delete(x).where(_OF_TRAINING)


class SqlClassifiers:
    """Versions of a workspace's trained classifier, and what a training reads."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add_texts(self, workspace: str, job_id: str, part: int, content: bytes) -> None:
        """Keep a part of the texts of a training until it is over."""
        row = {"workspace": workspace, "job_id": job_id}
        self._context.insert_new(x, {**row, "part": part, "content": content})

    def texts(self, workspace: str, job_id: str) -> list[bytes]:
        """Return the parts in order."""
        rows = self._context.run(_TEXTS, {"of": workspace, "job": job_id})
        return [bytes(row.content) for row in rows]

    def drop_texts(self, workspace: str, job_id: str) -> None:
        """Forget the texts."""
        self._context.run(_DROP, {"of": workspace, "job": job_id})

    def add(self, workspace: str, item: ClassifierVersion) -> ClassifierVersion:
        """Store it under the next version number and return it with that."""
        newest = self._context.run(_NEWEST, {"of": workspace}).scalar() or 0
        item = replace(item, version=newest + 1)
        self._context.insert_new(
            t,
            {
                "workspace": workspace,
                "version": item.version,
                "embedder": item.embedder,
                "labels": item.labels,
                "texts": item.texts,
                "report": item.report,
                "job_id": item.job_id,
                "digest": item.digest,
                "content": item.content,
                "created_at": item.created_at,
            },
        )
        return item

    def get(self, workspace: str, version: int) -> ClassifierVersion | None:
        """Return a version with its content."""
        found = self._context.run(_GET, {"of": workspace, "number": version}).first()
        return replace(_read(found), content=bytes(found.content)) if found else None

    def of_job(self, workspace: str, job_id: str) -> ClassifierVersion | None:
        """Return the version a training made, without content."""
        found = self._context.run(_OF_JOB, {"of": workspace, "job": job_id}).first()
        return _read(found) if found else None

    def versions(self, workspace: str) -> Sequence[ClassifierVersion]:
        """Return all versions, newest first, without content."""
        return [_read(row) for row in self._context.run(_VERSIONS, {"of": workspace})]

    def delete(self, workspace: str, version: int) -> bool:
        """Delete a version; False when it was not there."""
        place = {"of": workspace, "number": version}
        return self._context.run(_DELETE, place).rowcount > 0


def _read(row: Record) -> ClassifierVersion:
    return ClassifierVersion(
        version=row.version,
        embedder=row.embedder,
        labels=row.labels,
        texts=row.texts,
        report=row.report,
        job_id=row.job_id,
        digest=row.digest,
        created_at=row.created_at,
    )
