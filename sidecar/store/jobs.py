"""Long work and its progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import bindparam, or_, select, update

from sidecar.domain.ids import new_id
from sidecar.store.context import Context, Record
from sidecar.store.port import Job
from sidecar.store.tables import jobs as t

_QUEUED, _RUNNING = "queued", "running"
_THIS = (t.c.workspace == bindparam("of")) & (t.c.id == bindparam("own_id"))
_GET = select(t).where(_THIS)
_NEWEST = (
    select(t)
    .where(t.c.workspace == bindparam("of"))
    .order_by(t.c.created_at.desc(), t.c.id.desc())
    .limit(bindparam("limit"))
)
_FREE = (
    select(t)
    .where(
        t.c.state.in_([_QUEUED, _RUNNING]),
        or_(t.c.state == _QUEUED, t.c.lease_until <= bindparam("at")),
        or_(bindparam("only") == "", t.c.kind == bindparam("only")),
        t.c.kind != bindparam("but"),
    )
    .order_by(t.c.created_at, t.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = update(t).where(_THIS)
_CANCEL = update(t).where(_THIS, t.c.state.in_([_QUEUED, _RUNNING]))
_PROGRESS = update(t).where(_THIS, t.c.worker == bindparam("by"), t.c.state == _RUNNING)


class SqlJobs:
    """Jobs; a worker holds one by a lease."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, job: Job) -> None:
        """Store a new job."""
        row = {
            "workspace": job.workspace,
            "id": job.id or new_id("job", self._context.now()),
            "kind": job.kind,
            "state": job.state,
            "done": job.done,
            "total": job.total,
            "message": job.message,
            "created_at": job.created_at,
            "updated_at": job.updated_at,
            "worker": "",
            # A job stored as running has no worker yet: anybody may take it.
            "lease_until": job.updated_at if job.state == _RUNNING else None,
            "attempts": job.attempts,
        }
        self._context.insert_new(t, row)

    def get(self, workspace: str, job_id: str) -> Job | None:
        """Return a job."""
        found = self._context.run(_GET, {"of": workspace, "own_id": job_id}).first()
        return _read(found) if found else None

    def newest(self, workspace: str, limit: int) -> Sequence[Job]:
        """Return the newest jobs."""
        rows = self._context.run(_NEWEST, {"of": workspace, "limit": limit})
        return [_read(row) for row in rows]

    def lease(
        self, worker: str, lease: timedelta, only: str = "", but: str = ""
    ) -> Job | None:
        """Take the oldest job that is queued, or running with an expired lease."""
        now = self._context.now()
        wanted = {"at": now, "only": only, "but": but}
        found = self._context.run(_FREE, wanted).first()
        if found is None:
            return None
        left = _read(found)
        job = replace(left, state=_RUNNING, updated_at=now, attempts=left.attempts + 1)
        values = {
            "state": _RUNNING,
            "worker": worker,
            "lease_until": now + lease,
            "updated_at": now,
            "attempts": job.attempts,
        }
        place = {"of": job.workspace, "own_id": job.id}
        self._context.changed(_TAKE, {**place, **values})
        return job

    def progress(self, job: Job, worker: str, lease: timedelta) -> bool:
        """Save state and numbers and renew the lease; False when the lease was lost."""
        now = self._context.now()
        values = {
            "state": job.state,
            "done": job.done,
            "total": job.total,
            "message": job.message,
            "updated_at": now,
            "lease_until": now + lease if job.state == _RUNNING else None,
        }
        place = {"of": job.workspace, "own_id": job.id, "by": worker}
        return self._context.changed(_PROGRESS, {**place, **values})

    def cancel(self, workspace: str, job_id: str) -> bool:
        """Take the job from whoever has it, for good; False when it was over."""
        values = {
            "state": "cancelled",
            "lease_until": None,
            "updated_at": self._context.now(),
        }
        place = {"of": workspace, "own_id": job_id}
        return self._context.changed(_CANCEL, {**place, **values})


def _read(row: Record) -> Job:
    return Job(
        id=row.id,
        workspace=row.workspace,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        message=row.message,
        created_at=row.created_at,
        updated_at=row.updated_at,
        # Jobs of before the column have none.
        attempts=row.attempts or 0,
    )
