"""Answers already given, by request id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from sidecar.errors import MendRequest, ReadAgain, Reason
from sidecar.store.context import Context, Record
from sidecar.store.port import RequestKey
from sidecar.store.tables import requests as t

_SAME = (
    (t.c.workspace == bindparam("of"))
    & (t.c.rpc == bindparam("for_rpc"))
    & (t.c.request_id == bindparam("for_id"))
)
_HELD = _SAME & (t.c.holder == bindparam("held_by")) & t.c.answer.is_(None)
_FIND = (
    select(t.c.digest, t.c.holder, t.c.lease_until, t.c.answer)
    .where(_SAME)
    .with_for_update()
)
_TAKE = (
    update(t).where(_SAME).values(holder=bindparam("by"), lease_until=bindparam("to"))
)
_FINISH = update(t).where(_HELD).values(answer=bindparam("saved"), lease_until=None)
_ABANDON = delete(t).where(_HELD)
_OLD = (
    select(
        t.c.workspace.label("of"),
        t.c.rpc.label("for_rpc"),
        t.c.request_id.label("for_id"),
    )
    .where(t.c.created_at < bindparam("before"))
    .order_by(t.c.created_at)
    .limit(bindparam("limit"))
)
_DELETE = delete(t).where(_SAME)


def _where(key: RequestKey) -> dict[str, Any]:
    return {"of": key.workspace, "for_rpc": key.rpc, "for_id": key.request_id}


class SqlRequests:
    """Claims and answers; a claim belongs to the ``holder`` of its key."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def begin(self, key: RequestKey, lease: timedelta) -> bytes | None:
        """Claim the request and return None, or return the saved answer."""
        now = self._context.now()
        row = {
            "workspace": key.workspace,
            "rpc": key.rpc,
            "request_id": key.request_id,
            "digest": key.digest,
            "holder": key.holder,
            "lease_until": now + lease,
            "answer": None,
            "created_at": now,
        }
        if self._context.insert_or_keep(t, row):
            return None
        found = self._context.run(_FIND, _where(key)).one()
        return self._repeat(key, found, now, lease)

    def _repeat(
        self, key: RequestKey, found: Record, now: datetime, lease: timedelta
    ) -> bytes | None:
        if found.digest != key.digest:
            raise MendRequest(Reason.REQUEST_ID_REUSED)
        if found.answer is not None:
            return bytes(found.answer)
        if found.holder == key.holder:
            return None
        if found.lease_until > now:
            raise ReadAgain(Reason.REQUEST_IN_PROGRESS)
        self._context.run(_TAKE, {**_where(key), "by": key.holder, "to": now + lease})
        return None

    def finish(self, key: RequestKey, answer: bytes) -> None:
        """Save the answer; raises ``ReadAgain(REQUEST_IN_PROGRESS)`` if not held."""
        values = {**_where(key), "held_by": key.holder, "saved": answer}
        if not self._context.changed(_FINISH, values):
            raise ReadAgain(Reason.REQUEST_IN_PROGRESS, "the claim was lost")

    def abandon(self, key: RequestKey) -> None:
        """Give the claim back, unless somebody else holds it by now."""
        self._context.run(_ABANDON, {**_where(key), "held_by": key.holder})

    def purge(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` answers older than ``before``; return how many."""
        old = self._context.run(_OLD, {"before": before, "limit": limit}).mappings()
        keys = [dict(row) for row in old]
        if keys:
            self._context.run(_DELETE, keys)
        return len(keys)
